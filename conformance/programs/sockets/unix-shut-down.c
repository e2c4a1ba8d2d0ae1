/* UNIX sockets: a socket of which one direction is shut down stays so, and what was sent before arrives. */
#include "inet.h"

static int ends[2];

void prepare(void) {
  NEED(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
  NEED(write(ends[0], "last", 4) == 4);
  NEED(shutdown(ends[0], SHUT_WR) == 0);
}

void verify(void) {
  char byte;
  signal(SIGPIPE, SIG_IGN);
  CHECK(reads(ends[1], "last"));
  CHECK_EQUAL(read(ends[1], &byte, 1), 0);
  CHECK_EQUAL(write(ends[0], "x", 1), -1);
  CHECK_EQUAL(write(ends[1], "back", 4), 4);
  CHECK(reads(ends[0], "back"));
}
