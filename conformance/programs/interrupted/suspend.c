/* System calls: sigsuspend() waits on with its own mask, which goes afterwards. */

#include "waits.h"

static void handle(int signal) { (void)signal; }

static long wait_for_it(void) {
  sigset_t none, now;
  sigfillset(&none);
  sigdelset(&none, SIGUSR1);
  int result = sigsuspend(&none);
  pthread_sigmask(SIG_SETMASK, NULL, &now);
  return result == -1 && errno == EINTR && sigismember(&now, SIGUSR1) && !sigismember(&now, SIGUSR2);
}

void prepare(void) {
  sigset_t blocked;
  signal(SIGUSR1, handle);
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGUSR1);
  NEED(sigprocmask(SIG_BLOCK, &blocked, NULL) == 0);
  begin_waiting();
}

void verify(void) {
  CHECK_EQUAL(waited, 0);
  CHECK_EQUAL(pthread_kill(waiting, SIGUSR1), 0);
  end_waiting();
}
