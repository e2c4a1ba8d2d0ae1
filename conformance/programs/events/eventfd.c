/* Events: eventfds keep their counters, also beyond 32 bits, and their flags. */
// except criu: it keeps 32 bits of the counter
#include "../conformance.h"
#include <sys/eventfd.h>

static int empty, small, large;

void prepare(void) {
  uint64_t value = 0x1234567890abcdefULL;
  empty = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  small = eventfd(7, 0);
  large = eventfd(0, EFD_NONBLOCK);
  NEED(empty >= 0 && small >= 0 && large >= 0);
  NEED(write(large, &value, 8) == 8);
}

void verify(void) {
  uint64_t value = 0;
  CHECK_EQUAL(read(empty, &value, 8), -1);
  CHECK_EQUAL(errno, EAGAIN);
  CHECK_EQUAL(fcntl(empty, F_GETFD), FD_CLOEXEC);
  CHECK_EQUAL(read(small, &value, 8), 8);
  CHECK_EQUAL(value, 7);
  CHECK_EQUAL(fcntl(small, F_GETFL) & O_NONBLOCK, 0);
  CHECK_EQUAL(read(large, &value, 8), 8);
  CHECK_EQUAL(value, 0x1234567890abcdefLL);
}
