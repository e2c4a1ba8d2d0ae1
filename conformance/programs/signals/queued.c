/* Signals: real-time signals wait in their order, each with its value. */
#include "../conformance.h"

static sigset_t blocked;

void prepare(void) {
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGRTMIN + 3);
  sigaddset(&blocked, SIGRTMIN + 1);
  NEED(sigprocmask(SIG_BLOCK, &blocked, NULL) == 0);
  for (int value = 1; value <= 5; value++)
    NEED(sigqueue(getpid(), SIGRTMIN + (value % 2 ? 3 : 1), (union sigval){.sival_int = value}) == 0);
}

void verify(void) {
  static const int expected[] = {2, 4, 1, 3, 5};
  struct timespec none = {0, 0};
  for (int index = 0; index < 5; index++) {
    siginfo_t info;
    CHECK(sigtimedwait(&blocked, &info, &none) > 0);
    CHECK_EQUAL(info.si_value.sival_int, expected[index]);
  }
  CHECK_EQUAL(sigtimedwait(&blocked, NULL, &none), -1);
}
