/* System calls: ppoll() with a signal mask waits on for a descriptor. */
#include <poll.h>
#include "waits.h"

static int ends[2];

static long wait_for_it(void) {
  struct pollfd watched = {ends[0], POLLIN, 0};
  struct timespec time = {60, 0};
  sigset_t mask;
  sigfillset(&mask);
  return ppoll(&watched, 1, &time, &mask) == 1 && watched.revents == POLLIN;
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
