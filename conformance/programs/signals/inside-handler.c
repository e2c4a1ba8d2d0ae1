/* Signals: a thread that is in a handler, on an alternate stack too, returns from it to where it was. */
#include "../conformance.h"

static volatile int inside, leave, sum;
static char stack[64 * 1024];

static void handle(int signal) {
  (void)signal;
  inside++;
  while (!leave) nap();
}

static void *work(void *argument) {
  stack_t alternate = {.ss_sp = stack, .ss_size = sizeof stack};
  if (argument != NULL) sigaltstack(&alternate, NULL);
  double value = 1.5;
  pthread_kill(pthread_self(), SIGUSR1);
  for (int index = 0; index < 10; index++) value *= 1.5;
  __atomic_add_fetch(&sum, value > 86.4 && value < 86.6, __ATOMIC_SEQ_CST);
  return NULL;
}

static pthread_t threads[2];

void prepare(void) {
  struct sigaction action = {.sa_handler = handle, .sa_flags = SA_ONSTACK};
  NEED(sigaction(SIGUSR1, &action, NULL) == 0);
  for (long index = 0; index < 2; index++) NEED(pthread_create(&threads[index], NULL, work, (void *)index) == 0);
  while (inside < 2) nap();
}

void verify(void) {
  CHECK_EQUAL(sum, 0);
  leave = 1;
  for (int index = 0; index < 2; index++) CHECK_EQUAL(pthread_join(threads[index], NULL), 0);
  CHECK_EQUAL(sum, 2);
}
