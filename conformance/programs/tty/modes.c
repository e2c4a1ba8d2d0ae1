/* Terminals: packet mode, exclusive use and a locked slave stay. */
// except criu: it sets neither packet mode nor exclusive use again
#include "../conformance.h"
#include <pty.h>
#include <sys/ioctl.h>
#include <termios.h>

static int packets, packets_slave, exclusive, exclusive_slave, locked;

void prepare(void) {
  int on = 1;
  NEED(openpty(&packets, &packets_slave, NULL, NULL, NULL) == 0);
  NEED(ioctl(packets, TIOCPKT, &on) == 0);
  NEED(openpty(&exclusive, &exclusive_slave, NULL, NULL, NULL) == 0);
  NEED(ioctl(exclusive_slave, TIOCEXCL) == 0);
  locked = open("/dev/ptmx", O_RDWR | O_NOCTTY);
  NEED(locked >= 0);
}

void verify(void) {
  char bytes[16];
  CHECK_EQUAL(write(packets_slave, "text", 4), 4);
  CHECK_EQUAL(read(packets, bytes, sizeof bytes), 5);
  CHECK(memcmp(bytes, "\0text", 5) == 0);
  CHECK_EQUAL(open("/dev/pts/1", O_RDWR | O_NOCTTY), -1);
  CHECK_EQUAL(errno, EBUSY);
  CHECK_EQUAL(open("/dev/pts/2", O_RDWR | O_NOCTTY), -1);
  CHECK_EQUAL(errno, EIO);
}
