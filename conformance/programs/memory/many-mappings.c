/* Memory: a thousand small mappings with different permissions are all there. */
#include "../conformance.h"

#define COUNT 1000
static char *base;

void prepare(void) {
  base = mmap(NULL, COUNT * 8192L, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  NEED(base != MAP_FAILED);
  for (int index = 0; index < COUNT; index++) {
    char *page = base + index * 8192L;
    NEED(mprotect(page, 4096, PROT_READ | PROT_WRITE) == 0);
    *(int *)page = index;
    if (index % 2) NEED(mprotect(page, 4096, PROT_READ) == 0);
  }
}

void verify(void) {
  for (int index = 0; index < COUNT; index++) CHECK_EQUAL(*(int *)(base + index * 8192L), index);
}
