/* Processes: zombies wait to be reaped with their exit status or signal. */
#include "../conformance.h"

static pid_t ended, killed;

void prepare(void) {
  ended = fork();
  if (ended == 0) _exit(42);
  killed = fork();
  if (killed == 0) {
    for (;;) pause();
  }
  kill(killed, SIGKILL);
  siginfo_t info;
  waitid(P_PID, ended, &info, WEXITED | WNOWAIT);
  waitid(P_PID, killed, &info, WEXITED | WNOWAIT);
}

void verify(void) {
  int status = -1;
  CHECK_EQUAL(waitpid(ended, &status, 0), ended);
  CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 42);
  CHECK_EQUAL(waitpid(killed, &status, 0), killed);
  CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
  CHECK_EQUAL(waitpid(-1, &status, WNOHANG), -1);
}
