/* System calls: recv() with SO_RCVTIMEO ends by its time-out. */
#include "waits.h"

static int ends[2];

static long wait_for_it(void) {
  char byte;
  return recv(ends[0], &byte, 1, 0) == -1 && (errno == EAGAIN || errno == EINTR);
}

void prepare(void) {
  struct timeval time = {1, 500000};
  NEED(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
  NEED(setsockopt(ends[0], SOL_SOCKET, SO_RCVTIMEO, &time, sizeof time) == 0);
  begin_waiting();
}

void verify(void) {
  end_waiting();
}
