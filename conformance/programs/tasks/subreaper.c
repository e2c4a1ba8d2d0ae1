/* Processes: a subreaper adopts orphans of its descendants. */
// except arm64: qemu-user refuses PR_SET_CHILD_SUBREAPER
#include "../conformance.h"

static pid_t reaper;
static volatile pid_t *shared;

void prepare(void) {
  shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  reaper = fork();
  if (reaper == 0) {
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    shared[0] = 1;
    while (shared[1] == 0) nap();
    pid_t child = fork();
    if (child == 0) {
      pid_t parent = getpid();
      if (fork() == 0) {
        while (getppid() == parent) nap();
        shared[2] = getppid();
        _exit(0);
      }
      _exit(0);
    }
    waitpid(child, NULL, 0);
    wait(NULL);
    _exit(0);
  }
  while (shared[0] == 0) nap();
}

void verify(void) {
  shared[1] = 1;
  CHECK_EQUAL(waitpid(reaper, NULL, 0), reaper);
  CHECK_EQUAL(shared[2], reaper);
}
