/* Signals: pending signals wait with their sender and value, those of a process and those of a thread. */
#include "../conformance.h"

static sigset_t blocked;

void prepare(void) {
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGUSR1);
  sigaddset(&blocked, SIGUSR2);
  NEED(sigprocmask(SIG_BLOCK, &blocked, NULL) == 0);
  NEED(sigqueue(getpid(), SIGUSR1, (union sigval){.sival_int = 1234}) == 0);
  NEED(syscall(SYS_tgkill, getpid(), gettid(), SIGUSR2) == 0);
}

void verify(void) {
  sigset_t pending;
  siginfo_t info;
  struct timespec none = {0, 0};
  CHECK_EQUAL(sigpending(&pending), 0);
  CHECK(sigismember(&pending, SIGUSR1) && sigismember(&pending, SIGUSR2));
  sigset_t one;
  sigemptyset(&one);
  sigaddset(&one, SIGUSR1);
  CHECK_EQUAL(sigtimedwait(&one, &info, &none), SIGUSR1);
  CHECK_EQUAL(info.si_code, SI_QUEUE);
  CHECK_EQUAL(info.si_value.sival_int, 1234);
  CHECK_EQUAL(info.si_pid, getpid());
  CHECK_EQUAL(sigtimedwait(&blocked, &info, &none), SIGUSR2);
  CHECK_EQUAL(sigtimedwait(&blocked, &info, &none), -1);
}
