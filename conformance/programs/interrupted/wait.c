/* System calls: waitpid() waits on for a child. */

#include "waits.h"

static pid_t child;
static volatile int *word;

static long wait_for_it(void) {
  int status = -1;
  return waitpid(child, &status, 0) == child && WEXITSTATUS(status) == 5;
}

void prepare(void) {
  word = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  child = fork();
  if (child == 0) {
    while (*word == 0) nap();
    _exit(5);
  }
  begin_waiting();
}

void verify(void) {
  CHECK_EQUAL(waited, 0);
  *word = 1;
  end_waiting();
}
