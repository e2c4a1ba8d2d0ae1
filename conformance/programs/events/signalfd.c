/* Events: a signalfd keeps its mask, and signals that wait are read from it. */
#include "../conformance.h"
#include <sys/signalfd.h>

static int descriptor;

void prepare(void) {
  sigset_t mask;
  sigemptyset(&mask);
  sigaddset(&mask, SIGUSR1);
  sigaddset(&mask, SIGRTMIN + 1);
  NEED(sigprocmask(SIG_BLOCK, &mask, NULL) == 0);
  descriptor = signalfd(-1, &mask, SFD_NONBLOCK);
  NEED(descriptor >= 0);
  NEED(kill(getpid(), SIGUSR1) == 0);
  NEED(sigqueue(getpid(), SIGRTMIN + 1, (union sigval){.sival_int = 42}) == 0);
}

void verify(void) {
  struct signalfd_siginfo information = {0};
  CHECK_EQUAL(read(descriptor, &information, sizeof information), sizeof information);
  CHECK_EQUAL(information.ssi_signo, SIGUSR1);
  CHECK_EQUAL(read(descriptor, &information, sizeof information), sizeof information);
  CHECK_EQUAL(information.ssi_signo, SIGRTMIN + 1);
  CHECK_EQUAL(information.ssi_int, 42);
  CHECK_EQUAL(read(descriptor, &information, sizeof information), -1);
  kill(getpid(), SIGUSR1);
  CHECK_EQUAL(read(descriptor, &information, sizeof information), sizeof information);
  CHECK_EQUAL(information.ssi_pid, getpid());
}
