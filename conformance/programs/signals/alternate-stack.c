/* Signals: an alternate signal stack is used by handlers that ask for it. */
#include "../conformance.h"

static char stack[64 * 1024];
static volatile int on_it;

static void handle(int signal) {
  (void)signal;
  char here;
  on_it = &here >= stack && &here < stack + sizeof stack;
}

void prepare(void) {
  stack_t alternate = {.ss_sp = stack, .ss_size = sizeof stack};
  struct sigaction action = {.sa_handler = handle, .sa_flags = SA_ONSTACK};
  NEED(sigaltstack(&alternate, NULL) == 0 && sigaction(SIGUSR1, &action, NULL) == 0);
}

void verify(void) {
  stack_t found;
  CHECK_EQUAL(sigaltstack(NULL, &found), 0);
  CHECK(found.ss_sp == stack && found.ss_size == sizeof stack);
  raise(SIGUSR1);
  CHECK(on_it);
}
