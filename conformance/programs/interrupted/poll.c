/* System calls: poll() without a time-out waits on for a descriptor. */
#include <poll.h>
#include "waits.h"

static int ends[2];

static long wait_for_it(void) {
  struct pollfd watched = {ends[0], POLLIN, 0};
  int result;
  /* CRIU lets it be interrupted, also in the source when that is dumped again. */
  while ((result = poll(&watched, 1, -1)) == -1 && errno == EINTR) continue;
  return result == 1 && watched.revents == POLLIN;
}

void prepare(void) {
  NEED(pipe(ends) == 0);
  begin_waiting();
}

void verify(void) {
  CHECK_EQUAL(waited, 0);
  CHECK_EQUAL(write(ends[1], "x", 1), 1);
  end_waiting();
}
