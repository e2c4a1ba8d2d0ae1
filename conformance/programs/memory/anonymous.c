/* Memory: private anonymous pages keep their bytes, and untouched ones stay zero. */
#include "../conformance.h"

#define PAGES 4096
static unsigned char *memory;

void prepare(void) {
  memory = mmap(NULL, PAGES * 4096L, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  NEED(memory != MAP_FAILED);
  for (int page = 0; page < PAGES; page += 3) memset(memory + page * 4096L, page & 255 ? page & 255 : 1, 4096);
}

void verify(void) {
  long wrong = 0;
  for (int page = 0; page < PAGES; page++) {
    int expected = page % 3 ? 0 : page & 255 ? page & 255 : 1;
    for (int byte = 0; byte < 4096; byte++) wrong += memory[page * 4096L + byte] != expected;
  }
  CHECK_EQUAL(wrong, 0);
}
