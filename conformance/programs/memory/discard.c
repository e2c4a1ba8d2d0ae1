/* Memory: discarded pages (MADV_DONTNEED) are zero afterwards, not what they were at the dump. */
#include "../conformance.h"

static unsigned char *memory;

void prepare(void) {
  memory = mmap(NULL, 16 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  memset(memory, 9, 16 * 4096);
  NEED(madvise(memory + 4096, 4096, MADV_DONTNEED) == 0);
}

void verify(void) {
  CHECK_EQUAL(memory[4096], 0);
  CHECK_EQUAL(memory[8192], 9);
  CHECK_EQUAL(madvise(memory + 8192, 8192, MADV_DONTNEED), 0);
  CHECK_EQUAL(memory[8192], 0);
  CHECK_EQUAL(memory[12288], 0);
  CHECK_EQUAL(memory[16384], 9);
}
