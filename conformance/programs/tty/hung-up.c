/* Terminals: a terminal whose other side was closed is still hung up. */
#include "../conformance.h"
#include <pty.h>

static int slave;

void prepare(void) {
  int master;
  NEED(openpty(&master, &slave, NULL, NULL, NULL) == 0);
  NEED(close(master) == 0);
}

void verify(void) {
  char byte;
  CHECK_EQUAL(read(slave, &byte, 1), 0);
  CHECK_EQUAL(write(slave, "x", 1), -1);
  CHECK_EQUAL(errno, EIO);
}
