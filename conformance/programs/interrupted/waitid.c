/* System calls: waitid() for any child waits on. */

#include "waits.h"

static volatile int *word;

static long wait_for_it(void) {
  siginfo_t info;
  return waitid(P_ALL, 0, &info, WEXITED) == 0 && info.si_status == 6;
}

void prepare(void) {
  word = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (fork() == 0) {
    while (*word == 0) nap();
    _exit(6);
  }
  begin_waiting();
}

void verify(void) {
  CHECK_EQUAL(waited, 0);
  *word = 1;
  end_waiting();
}
