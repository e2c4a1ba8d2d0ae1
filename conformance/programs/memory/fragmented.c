/* Memory: every second page of five thousand was touched; each has its own content, and those between are zero. */
#include "../conformance.h"

enum { PAGES = 5000, WORDS = 4096 / sizeof(int) };

static int *memory;

void prepare(void) {
  memory = mmap(NULL, PAGES * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  madvise(memory, PAGES * 4096, MADV_NOHUGEPAGE);
  for (int page = 1; page < PAGES; page += 2) memory[page * WORDS] = memory[page * WORDS + WORDS - 1] = page;
}

void verify(void) {
  for (int page = 0; page < PAGES; page++) {
    int expected = page % 2 == 1 ? page : 0;
    CHECK_EQUAL(memory[page * WORDS], expected);
    CHECK_EQUAL(memory[page * WORDS + WORDS - 1], expected);
  }
}
