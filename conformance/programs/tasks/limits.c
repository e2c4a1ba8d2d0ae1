/* Processes: resource limits are kept. */
#include "../conformance.h"

static const struct rlimit files = {77, 512}, core = {0, 0}, cpu = {1000, 2000};

void prepare(void) {
  NEED(setrlimit(RLIMIT_CORE, &core) == 0 && setrlimit(RLIMIT_CPU, &cpu) == 0);
  NEED(setrlimit(RLIMIT_NOFILE, &files) == 0);
}

static void compare(int resource, const struct rlimit *expected) {
  struct rlimit found;
  CHECK_EQUAL(getrlimit(resource, &found), 0);
  CHECK_EQUAL(found.rlim_cur, expected->rlim_cur);
  CHECK_EQUAL(found.rlim_max, expected->rlim_max);
}

void verify(void) {
  compare(RLIMIT_NOFILE, &files);
  compare(RLIMIT_CORE, &core);
  compare(RLIMIT_CPU, &cpu);
}
