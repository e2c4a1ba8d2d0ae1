/* System calls: poll() with a time-out ends by it, and not too early. */
#include <poll.h>
#include "waits.h"

static long wait_for_it(void) {
  struct timespec begin, end;
  clock_gettime(CLOCK_MONOTONIC, &begin);
  int result;
  /* CRIU lets it be interrupted, also in the source when that is dumped again. */
  while ((result = poll(NULL, 0, 1500)) == -1 && errno == EINTR) continue;
  clock_gettime(CLOCK_MONOTONIC, &end);
  return result == 0 && (end.tv_sec - begin.tv_sec) + (end.tv_nsec - begin.tv_nsec) / 1e9 >= 1.49;
}

void prepare(void) {

  begin_waiting();
}

void verify(void) {
  CHECK_EQUAL(waited, 0);
  end_waiting();
}
