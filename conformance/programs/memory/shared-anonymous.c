/* Memory: anonymous memory that parent and child share stays shared, at different addresses too. */
#include "../conformance.h"

static volatile int *here, *again;
static pid_t child;

void prepare(void) {
  here = mmap(NULL, 3 * 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  NEED(here != MAP_FAILED);
  here[2048] = 42;
  child = fork();
  if (child == 0) {
    again = mremap((void *)here, 3 * 4096, 3 * 4096, MREMAP_MAYMOVE | MREMAP_FIXED, (char *)here - (1 << 24));
    again[1] = again != MAP_FAILED;
    while (again[0] == 0) nap();
    again[2] = again[2048] + 1;
    _exit(0);
  }
  while (here[1] == 0) nap();
}

void verify(void) {
  CHECK_EQUAL(here[2048], 42);
  here[2048] = 50;
  here[0] = 1;
  int status = -1;
  CHECK_EQUAL(waitpid(child, &status, 0), child);
  CHECK_EQUAL(status, 0);
  CHECK_EQUAL(here[2], 51);
}
