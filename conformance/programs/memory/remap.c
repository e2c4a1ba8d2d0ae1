/* Memory: a mapping can be enlarged and moved (mremap), and a hole in it filled again. */
#include "../conformance.h"

static char *memory;

void prepare(void) {
  memory = mmap(NULL, 8 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  memset(memory, 2, 8 * 4096);
  NEED(munmap(memory + 4096, 4096) == 0);
}

void verify(void) {
  CHECK(mmap(memory + 4096, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) ==
        memory + 4096);
  CHECK_EQUAL(memory[4096], 0);
  char *moved = mremap(memory + 2 * 4096, 6 * 4096, 64 * 4096, MREMAP_MAYMOVE);
  CHECK(moved != MAP_FAILED);
  CHECK_EQUAL(moved[0], 2);
  moved[64 * 4096 - 1] = 1;
}
