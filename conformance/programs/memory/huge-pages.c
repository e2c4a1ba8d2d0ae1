/* Memory: huge pages (MAP_HUGETLB) keep their bytes. */
#include "../conformance.h"

static char *memory;

void prepare(void) {
  memory = mmap(NULL, 2 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0);
  NEED(memory != MAP_FAILED);
  memset(memory, 3, 2 << 20);
}

void verify(void) {
  CHECK_EQUAL(memory[(2 << 20) - 1], 3);
}
