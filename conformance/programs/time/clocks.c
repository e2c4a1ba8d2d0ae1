/* Clocks: CLOCK_MONOTONIC and CLOCK_BOOTTIME go on, and CLOCK_REALTIME is right. */
#include "../conformance.h"

static struct timespec monotonic, boot, real;

void prepare(void) {
  clock_gettime(CLOCK_MONOTONIC, &monotonic);
  clock_gettime(CLOCK_BOOTTIME, &boot);
  clock_gettime(CLOCK_REALTIME, &real);
}

static void advanced(clockid_t clock, struct timespec before) {
  struct timespec now;
  CHECK_EQUAL(clock_gettime(clock, &now), 0);
  CHECK(now.tv_sec >= before.tv_sec && now.tv_sec < before.tv_sec + 3600);
}

void verify(void) {
  advanced(CLOCK_MONOTONIC, monotonic);
  advanced(CLOCK_BOOTTIME, boot);
  advanced(CLOCK_REALTIME, real);
}
