/* System calls: select() waits on for a descriptor. */
#include <sys/select.h>
#include "waits.h"

static int ends[2];

static long wait_for_it(void) {
  fd_set readable;
  FD_ZERO(&readable);
  FD_SET(ends[0], &readable);
  struct timeval time = {60, 0};
  return select(ends[0] + 1, &readable, NULL, NULL, &time) == 1 && FD_ISSET(ends[0], &readable);
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
