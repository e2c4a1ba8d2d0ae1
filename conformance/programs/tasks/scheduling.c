/* Processes: the scheduling policies SCHED_BATCH and SCHED_IDLE are kept. */
#include <sched.h>
#include "../conformance.h"

static pid_t child;

void prepare(void) {
  struct sched_param none = {0};
  NEED(sched_setscheduler(0, SCHED_BATCH, &none) == 0);
  child = fork();
  if (child == 0) {
    sched_setscheduler(0, SCHED_IDLE, &none);
    for (;;) pause();
  }
  while (sched_getscheduler(child) != SCHED_IDLE) nap();
}

void verify(void) {
  CHECK_EQUAL(sched_getscheduler(0), SCHED_BATCH);
  CHECK_EQUAL(sched_getscheduler(child), SCHED_IDLE);
  kill(child, SIGKILL);
}
