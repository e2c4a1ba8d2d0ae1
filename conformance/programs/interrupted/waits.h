/* For programs in which a thread waits in one system call while the container is dumped. */
#include "../conformance.h"

static pthread_t waiting;
static volatile int waiting_now;
static long waited;

/* The call: returns what the thread found, 1 when it is right. */
static long wait_for_it(void);

static void *wait_in_thread(void *argument) {
  waiting_now = 1;
  waited = wait_for_it();
  return argument;
}

static void begin_waiting(void) {
  NEED(pthread_create(&waiting, NULL, wait_in_thread, NULL) == 0);
  while (!waiting_now) nap();
  for (int index = 0; index < 5; index++) nap();
  NEED(waited == 0);
}

static void end_waiting(void) {
  CHECK_EQUAL(pthread_join(waiting, NULL), 0);
  CHECK_EQUAL(waited, 1);
}
