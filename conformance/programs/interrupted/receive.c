/* System calls: recvmsg() on a unix socket waits on for a message. */

#include "waits.h"

static int ends[2];

static long wait_for_it(void) {
  char text[16] = "";
  struct iovec part = {text, sizeof text};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
  return recvmsg(ends[0], &message, 0) == 6 && strcmp(text, "hello") == 0;
}

void prepare(void) {
  NEED(socketpair(AF_UNIX, SOCK_DGRAM, 0, ends) == 0);
  begin_waiting();
}

void verify(void) {
  CHECK_EQUAL(waited, 0);
  CHECK_EQUAL(send(ends[1], "hello", 6, 0), 6);
  end_waiting();
}
