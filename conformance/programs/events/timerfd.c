/* Events: timerfds of every clock keep what is left and their interval, relative and absolute ones; expirations wait. */
// except criu: a repeated timer whose expirations wait does not go on
#include "../conformance.h"
#include <sys/timerfd.h>

static const int clocks[] = {CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_BOOTTIME};
static int relative[3], absolute[3], expired, repeated, idle;

void prepare(void) {
  for (int index = 0; index < 3; index++) {
    struct itimerspec far = {{7, 5000}, {1000, 0}};
    struct timespec now;
    relative[index] = timerfd_create(clocks[index], TFD_NONBLOCK);
    NEED(timerfd_settime(relative[index], 0, &far, NULL) == 0);
    absolute[index] = timerfd_create(clocks[index], 0);
    clock_gettime(clocks[index], &now);
    far.it_value.tv_sec = now.tv_sec + 2000;
    far.it_interval.tv_sec = 0;
    NEED(timerfd_settime(absolute[index], TFD_TIMER_ABSTIME, &far, NULL) == 0);
  }
  struct itimerspec soon = {{0, 0}, {0, 1}}, often = {{0, 20 * 1000 * 1000}, {0, 1}};
  expired = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
  NEED(timerfd_settime(expired, 0, &soon, NULL) == 0);
  repeated = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
  NEED(timerfd_settime(repeated, 0, &often, NULL) == 0);
  idle = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
  NEED(idle >= 0);
  for (int times = 0; times < 10; times++) nap();
}

void verify(void) {
  struct itimerspec left;
  uint64_t count = 0;
  for (int index = 0; index < 3; index++) {
    CHECK_EQUAL(timerfd_gettime(relative[index], &left), 0);
    CHECK(left.it_value.tv_sec > 800 && left.it_value.tv_sec <= 1000);
    CHECK_EQUAL(left.it_interval.tv_sec, 7);
    CHECK_EQUAL(left.it_interval.tv_nsec, 5000);
    CHECK_EQUAL(timerfd_gettime(absolute[index], &left), 0);
    CHECK(left.it_value.tv_sec > 1800 && left.it_value.tv_sec <= 2000);
  }
  EVENTUALLY(count != 0 || read(expired, &count, 8) == 8);
  CHECK_EQUAL(count, 1);
  CHECK_EQUAL(read(expired, &count, 8), -1);
  count = 0;
  EVENTUALLY(count != 0 || read(repeated, &count, 8) == 8);
  CHECK(count >= 1);
  count = 0;
  EVENTUALLY(count != 0 || read(repeated, &count, 8) == 8);
  CHECK_EQUAL(timerfd_gettime(idle, &left), 0);
  CHECK_EQUAL(left.it_value.tv_sec, 0);
  CHECK_EQUAL(read(idle, &count, 8), -1);
}
