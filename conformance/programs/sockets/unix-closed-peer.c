/* UNIX sockets: what a peer sent before it closed can still be read, then comes the end. */
#include "inet.h"

static int ends[2];

void prepare(void) {
  NEED(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
  NEED(write(ends[0], "last", 4) == 4);
  close(ends[0]);
}

void verify(void) {
  char byte;
  CHECK(reads(ends[1], "last"));
  CHECK_EQUAL(read(ends[1], &byte, 1), 0);
}
