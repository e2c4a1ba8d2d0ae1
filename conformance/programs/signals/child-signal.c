/* Signals: a pending SIGCHLD tells of the child that has ended. */
#include "../conformance.h"

static pid_t child;
static sigset_t blocked;

void prepare(void) {
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGCHLD);
  NEED(sigprocmask(SIG_BLOCK, &blocked, NULL) == 0);
  child = fork();
  if (child == 0) _exit(9);
  siginfo_t info;
  waitid(P_PID, child, &info, WEXITED | WNOWAIT);
}

void verify(void) {
  siginfo_t info;
  struct timespec none = {0, 0};
  CHECK_EQUAL(sigtimedwait(&blocked, &info, &none), SIGCHLD);
  CHECK_EQUAL(info.si_pid, child);
  CHECK_EQUAL(info.si_status, 9);
  int status;
  CHECK_EQUAL(waitpid(child, &status, 0), child);
}
