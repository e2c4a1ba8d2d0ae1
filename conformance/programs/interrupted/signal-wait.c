/* System calls: sigwaitinfo() waits on for a signal. */

#include "waits.h"

static sigset_t signals;

static long wait_for_it(void) {
  siginfo_t info;
  int result;
  /* Freezing interrupts this call, also without a dump. */
  while ((result = sigwaitinfo(&signals, &info)) == -1 && errno == EINTR) continue;
  return result == SIGUSR1 && info.si_value.sival_int == 9;
}

void prepare(void) {
  sigemptyset(&signals);
  sigaddset(&signals, SIGUSR1);
  NEED(sigprocmask(SIG_BLOCK, &signals, NULL) == 0);
  begin_waiting();
}

void verify(void) {
  CHECK_EQUAL(waited, 0);
  CHECK_EQUAL(sigqueue(getpid(), SIGUSR1, (union sigval){.sival_int = 9}), 0);
  end_waiting();
}
