/* Files: open devices without a state of their own do what they are for. */
#include "../conformance.h"

static int null, zero, full, fast, safe;

void prepare(void) {
  null = open("/dev/null", O_RDWR);
  zero = open("/dev/zero", O_RDWR);
  full = open("/dev/full", O_RDWR);
  fast = open("/dev/urandom", O_RDONLY | O_NONBLOCK);
  safe = open("/dev/random", O_RDWR | O_CLOEXEC);
  NEED(null >= 0 && zero >= 0 && full >= 0 && fast >= 0 && safe >= 0);
}

void verify(void) {
  char bytes[8] = "12345678";
  CHECK_EQUAL(read(null, bytes, 8), 0);
  CHECK_EQUAL(write(null, bytes, 8), 8);
  CHECK_EQUAL(read(zero, bytes, 8), 8);
  CHECK(memcmp(bytes, "\0\0\0\0\0\0\0\0", 8) == 0);
  CHECK_EQUAL(write(full, bytes, 8), -1);
  CHECK_EQUAL(errno, ENOSPC);
  CHECK_EQUAL(read(fast, bytes, 8), 8);
  CHECK_EQUAL(read(safe, bytes, 8), 8);
  CHECK_EQUAL(fcntl(fast, F_GETFL) & O_NONBLOCK, O_NONBLOCK);
}
