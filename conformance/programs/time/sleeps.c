/* Sleeps: relative sleeps and sleeps until a time of CLOCK_MONOTONIC or CLOCK_REALTIME end, and not too early. */
#include "../conformance.h"

static pthread_t threads[3];
static volatile int results[3];
static volatile int left_early;

static double now(clockid_t clock) {
  struct timespec time;
  clock_gettime(clock, &time);
  return time.tv_sec + time.tv_nsec / 1e9;
}

static void *sleep_on(void *argument) {
  long index = (long)argument;
  clockid_t clock = index == 2 ? CLOCK_REALTIME : CLOCK_MONOTONIC;
  double begin = now(clock);
  struct timespec time = {2, 0};
  if (index > 0) {
    clock_gettime(clock, &time);
    time.tv_sec += 2;
  }
  int result = index == 0 ? nanosleep(&time, NULL) : clock_nanosleep(clock, TIMER_ABSTIME, &time, NULL);
  if (now(clock) < begin + 1.9) left_early = 1;
  results[index] = result == 0 ? 1 : -1;
  return NULL;
}

void prepare(void) {
  for (long index = 0; index < 3; index++) NEED(pthread_create(&threads[index], NULL, sleep_on, (void *)index) == 0);
  for (int index = 0; index < 10; index++) nap();
}

void verify(void) {
  for (int index = 0; index < 3; index++) {
    CHECK_EQUAL(pthread_join(threads[index], NULL), 0);
    CHECK_EQUAL(results[index], 1);
  }
  CHECK_EQUAL(left_early, 0);
}
