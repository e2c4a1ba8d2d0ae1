/* Timers: the interval timers of setitimer go on with the time that was left. */
#include "../conformance.h"

static volatile sig_atomic_t alarms, ticks;
static void count_alarm(int signal) { alarms += signal == SIGALRM; }
static void count_tick(int signal) { ticks += signal == SIGPROF; }

void prepare(void) {
  signal(SIGALRM, count_alarm);
  signal(SIGPROF, count_tick);
  struct itimerval fast = {{0, 50000}, {0, 50000}}, busy = {{0, 20000}, {0, 20000}}, idle = {{30, 0}, {500, 0}};
  NEED(setitimer(ITIMER_REAL, &fast, NULL) == 0);
  NEED(setitimer(ITIMER_PROF, &busy, NULL) == 0);
  NEED(setitimer(ITIMER_VIRTUAL, &idle, NULL) == 0);
}

void verify(void) {
  struct itimerval left;
  int before = alarms;
  EVENTUALLY(alarms > before + 2);
  before = ticks;
  for (volatile long spin = 0; spin < 2000000000L && ticks < before + 2; spin++) continue;
  CHECK(ticks >= before + 2);
  CHECK_EQUAL(getitimer(ITIMER_VIRTUAL, &left), 0);
  CHECK_EQUAL(left.it_interval.tv_sec, 30);
  CHECK(left.it_value.tv_sec > 400 && left.it_value.tv_sec < 500);
}
