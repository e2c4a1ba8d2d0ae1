/* Terminals: an open /dev/tty is the controlling terminal of its session. */
#include "../conformance.h"
#include <pty.h>
#include <sys/ioctl.h>

static int master, slave, device;

void prepare(void) {
  NEED(openpty(&master, &slave, NULL, NULL, NULL) == 0);
  NEED(ioctl(slave, TIOCSCTTY, 0) == 0);
  device = open("/dev/tty", O_RDWR | O_CLOEXEC);
  NEED(device >= 0);
}

void verify(void) {
  char text[8] = "";
  CHECK_EQUAL(fcntl(device, F_GETFD), FD_CLOEXEC);
  CHECK_EQUAL(tcgetpgrp(device), getpid());
  CHECK_EQUAL(write(device, "tty", 3), 3);
  CHECK_EQUAL(read(master, text, sizeof text), 3);
  CHECK(strcmp(text, "tty") == 0);
  CHECK(open("/dev/tty", O_RDWR) >= 0);
}
