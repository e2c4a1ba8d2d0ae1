/* Timers: POSIX timers keep their ids, clocks, intervals, signals and values. */
// except arm64: qemu-user numbers these timers otherwise than the kernel, so the program would not find its own
#include "../conformance.h"

static timer_t timers[4];
static volatile sig_atomic_t fired, value;

static void handle(int signal, siginfo_t *info, void *context) {
  (void)signal;
  (void)context;
  fired++;
  value = info->si_value.sival_int;
}

void prepare(void) {
  struct sigaction action = {.sa_sigaction = handle, .sa_flags = SA_SIGINFO};
  NEED(sigaction(SIGRTMIN, &action, NULL) == 0);
  for (int index = 0; index < 4; index++) {
    struct sigevent event = {.sigev_notify = index == 1 ? SIGEV_NONE : SIGEV_SIGNAL, .sigev_signo = SIGRTMIN};
    event.sigev_value.sival_int = 40 + index;
    NEED(timer_create(index == 1 ? CLOCK_REALTIME : CLOCK_MONOTONIC, &event, &timers[index]) == 0);
  }
  /* A gap in the ids. */
  NEED(timer_delete(timers[0]) == 0);
  struct itimerspec none = {{7, 0}, {300, 0}}, fast = {{0, 30000000}, {0, 30000000}};
  NEED(timer_settime(timers[1], 0, &none, NULL) == 0);
  NEED(timer_settime(timers[2], 0, &fast, NULL) == 0);
}

void verify(void) {
  struct itimerspec left;
  CHECK_EQUAL(timer_gettime(timers[0], &left), -1);
  CHECK_EQUAL(timer_gettime(timers[1], &left), 0);
  CHECK_EQUAL(left.it_interval.tv_sec, 7);
  CHECK(left.it_value.tv_sec > 200 && left.it_value.tv_sec < 300);
  int before = fired;
  EVENTUALLY(fired > before + 2);
  CHECK_EQUAL(value, 42);
  CHECK_EQUAL(timer_gettime(timers[3], &left), 0);
  CHECK(left.it_value.tv_sec == 0 && left.it_value.tv_nsec == 0);
  for (int index = 1; index < 4; index++) CHECK_EQUAL(timer_delete(timers[index]), 0);
}
