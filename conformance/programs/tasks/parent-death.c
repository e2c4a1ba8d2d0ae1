/* Processes: a child that asked for it gets a signal when its parent ends. */
#include "../conformance.h"

static pid_t middle;
static volatile pid_t *shared;

static void handle(int signal) { shared[2] = signal; }

void prepare(void) {
  shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  middle = fork();
  if (middle == 0) {
    if (fork() == 0) {
      signal(SIGUSR1, handle);
      prctl(PR_SET_PDEATHSIG, SIGUSR1);
      shared[0] = 1;
      while (shared[2] == 0) nap();
      _exit(0);
    }
    while (shared[1] == 0) nap();
    _exit(0);
  }
  while (shared[0] == 0) nap();
}

void verify(void) {
  CHECK_EQUAL(shared[2], 0);
  shared[1] = 1;
  CHECK_EQUAL(waitpid(middle, NULL, 0), middle);
  EVENTUALLY(shared[2] == SIGUSR1);
}
