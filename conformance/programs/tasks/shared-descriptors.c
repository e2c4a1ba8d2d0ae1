/* Processes: two processes that share one table of descriptors (CLONE_FILES) go on sharing it. */
// except native: only threads share a table of descriptors here
// except arm64: only threads share a table of descriptors here
#include <sched.h>
#include "../conformance.h"

static volatile int *shared;
static pid_t child;

void prepare(void) {
  shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  child = syscall(SYS_clone, CLONE_FILES | SIGCHLD, 0, 0, 0, 0);
  if (child == 0) {
    shared[0] = 1;
    while (shared[1] == 0) nap();
    shared[2] = open("/tmp/opened", O_RDWR | O_CREAT, 0600);
    _exit(0);
  }
  while (shared[0] == 0) nap();
}

void verify(void) {
  shared[1] = 1;
  waitpid(child, NULL, 0);
  CHECK(fcntl(shared[2], F_GETFD) >= 0);
}
