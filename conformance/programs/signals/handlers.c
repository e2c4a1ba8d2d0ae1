/* Signals: handlers, their flags and masks, and what is ignored. */
#include "../conformance.h"

static volatile sig_atomic_t handled, nested, blocked_inside;

static void simple(int signal) { handled = signal; }
static void with_info(int signal, siginfo_t *info, void *context) {
  (void)context;
  sigset_t mask;
  sigprocmask(SIG_BLOCK, NULL, &mask);
  blocked_inside = sigismember(&mask, SIGTERM) && sigismember(&mask, signal);
  nested = info->si_pid == getpid();
}

void prepare(void) {
  struct sigaction action = {.sa_handler = simple, .sa_flags = SA_RESETHAND | SA_NODEFER};
  NEED(sigaction(SIGUSR1, &action, NULL) == 0);
  struct sigaction second = {.sa_sigaction = with_info, .sa_flags = SA_SIGINFO | SA_RESTART};
  sigaddset(&second.sa_mask, SIGTERM);
  NEED(sigaction(SIGUSR2, &second, NULL) == 0);
  signal(SIGPIPE, SIG_IGN);
  signal(SIGHUP, SIG_IGN);
}

void verify(void) {
  struct sigaction found;
  raise(SIGUSR1);
  CHECK_EQUAL(handled, SIGUSR1);
  CHECK_EQUAL(sigaction(SIGUSR1, NULL, &found), 0);
  CHECK(found.sa_handler == SIG_DFL);
  kill(getpid(), SIGUSR2);
  CHECK(nested && blocked_inside);
  CHECK_EQUAL(sigaction(SIGUSR2, NULL, &found), 0);
  CHECK((found.sa_flags & (SA_SIGINFO | SA_RESTART)) == (SA_SIGINFO | SA_RESTART));
  raise(SIGHUP);
  CHECK_EQUAL(sigaction(SIGPIPE, NULL, &found), 0);
  CHECK(found.sa_handler == SIG_IGN);
}
