/* Memory: mappings at the lowest and the highest address that a program may have stay there. */
#include "../conformance.h"

static char *low = (char *)0x10000, *high = (char *)0x7fffffffd000;

void prepare(void) {
  int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE;
  NEED(mmap(low, 4096, PROT_READ | PROT_WRITE, flags, -1, 0) == low);
  NEED(mmap(high, 4096, PROT_READ | PROT_WRITE, flags, -1, 0) == high);
  strcpy(low, "low");
  strcpy(high, "high");
}

void verify(void) {
  CHECK(strcmp(low, "low") == 0);
  CHECK(strcmp(high, "high") == 0);
}
