/* Processes: limits of the stack and the address space are kept. */
// except arm64: qemu-user ignores these limits, since they would be its own
#include "../conformance.h"

static const struct rlimit stack = {1 << 20, 4 << 20}, space = {1L << 32, 1L << 33};

void prepare(void) {
  NEED(setrlimit(RLIMIT_STACK, &stack) == 0 && setrlimit(RLIMIT_AS, &space) == 0);
}

static void compare(int resource, const struct rlimit *expected) {
  struct rlimit found;
  CHECK_EQUAL(getrlimit(resource, &found), 0);
  CHECK_EQUAL(found.rlim_cur, expected->rlim_cur);
  CHECK_EQUAL(found.rlim_max, expected->rlim_max);
}

void verify(void) {
  compare(RLIMIT_STACK, &stack);
  compare(RLIMIT_AS, &space);
}
