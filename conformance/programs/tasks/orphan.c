/* Processes: an orphan stays a child of the first process. */
#include "../conformance.h"

static volatile pid_t *shared;

void prepare(void) {
  shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  pid_t child = fork();
  if (child == 0) {
    if (fork() == 0) {
      while (getppid() != 1) nap();
      shared[0] = getpid();
      while (shared[1] == 0) nap();
      shared[2] = getppid();
      _exit(0);
    }
    _exit(0);
  }
  waitpid(child, NULL, 0);
  while (shared[0] == 0) nap();
}

void verify(void) {
  shared[1] = 1;
  CHECK_EQUAL(waitpid(shared[0], NULL, 0), shared[0]);
  CHECK_EQUAL(shared[2], 1);
}
