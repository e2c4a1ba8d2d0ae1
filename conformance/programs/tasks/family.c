/* Processes: parents, children and grandchildren keep their ids, groups and sessions. */
#include "../conformance.h"

static pid_t self, child, grandchild;
static volatile pid_t *shared;

void prepare(void) {
  shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  self = getpid();
  child = fork();
  if (child == 0) {
    setpgid(0, 0);
    grandchild = fork();
    if (grandchild == 0) {
      setsid();
      shared[0] = getpid();
      while (shared[1] == 0) nap();
      shared[2] = getppid();
      shared[3] = getpid() == shared[0] && getsid(0) == getpid() && getpgid(0) == getpid();
      _exit(3);
    }
    while (shared[1] == 0) nap();
    int status = -1;
    shared[4] = waitpid(grandchild, &status, 0) == grandchild && WEXITSTATUS(status) == 3;
    shared[5] = getpgid(0) == getpid() && getppid() == self;
    _exit(4);
  }
  while (shared[0] == 0) nap();
}

void verify(void) {
  CHECK_EQUAL(getpid(), self);
  CHECK_EQUAL(kill(shared[0], 0), 0);
  shared[1] = 1;
  int status = -1;
  CHECK_EQUAL(waitpid(child, &status, 0), child);
  CHECK_EQUAL(WEXITSTATUS(status), 4);
  CHECK_EQUAL(shared[2], child);
  CHECK(shared[3] && shared[4] && shared[5]);
  pid_t next = fork();
  if (next == 0) _exit(0);
  CHECK(next > 0);
  CHECK_EQUAL(waitpid(next, &status, 0), next);
}
