/* Terminals: a pseudo terminal keeps its number, settings and window size, and both sides still speak. */
#include "../conformance.h"
#include <poll.h>
#include <sys/ioctl.h>
#include <termios.h>

static int gap, master, slave, unsettled;
static struct termios before;

static int open_master(void) {
  int file = open("/dev/ptmx", O_RDWR | O_NOCTTY), unlock = 0;
  NEED(file >= 0);
  NEED(ioctl(file, TIOCSPTLCK, &unlock) == 0);
  return file;
}

void prepare(void) {
  int number = -1;
  char path[32];
  gap = open_master();
  master = open_master();
  unsettled = open_master();
  close(gap);
  NEED(ioctl(master, TIOCGPTN, &number) == 0);
  snprintf(path, sizeof path, "/dev/pts/%d", number);
  slave = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK);
  NEED(slave >= 0);
  NEED(tcgetattr(slave, &before) == 0);
  cfmakeraw(&before);
  before.c_cc[VINTR] = 7;
  cfsetspeed(&before, B9600);
  NEED(tcsetattr(slave, TCSANOW, &before) == 0);
  struct winsize size = {33, 99, 1, 2};
  NEED(ioctl(master, TIOCSWINSZ, &size) == 0);
  NEED(fchown(slave, 1000, 5) == 0);
}

void verify(void) {
  struct termios after;
  struct winsize size;
  struct stat status;
  int number = -1;
  char text[8] = "", path[32] = "";
  CHECK_EQUAL(ioctl(master, TIOCGPTN, &number), 0);
  CHECK_EQUAL(number, 1);
  CHECK_EQUAL(ioctl(unsettled, TIOCGPTN, &number), 0);
  CHECK_EQUAL(number, 2);
  CHECK(ttyname_r(slave, path, sizeof path) == 0 && strcmp(path, "/dev/pts/1") == 0);
  CHECK_EQUAL(access("/dev/pts/0", F_OK), -1);
  CHECK_EQUAL(tcgetattr(slave, &after), 0);
  CHECK_EQUAL(after.c_iflag, before.c_iflag);
  CHECK_EQUAL(after.c_oflag, before.c_oflag);
  CHECK_EQUAL(after.c_cflag, before.c_cflag);
  CHECK_EQUAL(after.c_lflag, before.c_lflag);
  CHECK_EQUAL(memcmp(after.c_cc, before.c_cc, 19), 0);
  CHECK_EQUAL(ioctl(slave, TIOCGWINSZ, &size), 0);
  CHECK_EQUAL(size.ws_row, 33);
  CHECK_EQUAL(size.ws_col, 99);
  CHECK_EQUAL(size.ws_ypixel, 2);
  CHECK_EQUAL(fstat(slave, &status), 0);
  CHECK_EQUAL(status.st_uid, 1000);
  CHECK(fcntl(slave, F_GETFL) & O_NONBLOCK);
  CHECK_EQUAL(write(master, "in", 2), 2);
  struct pollfd ready = {.fd = slave, .events = POLLIN};
  CHECK_EQUAL(poll(&ready, 1, 5000), 1);
  CHECK_EQUAL(read(slave, text, sizeof text), 2);
  CHECK(strncmp(text, "in", 2) == 0);
  CHECK_EQUAL(write(slave, "out", 3), 3);
  CHECK_EQUAL(read(master, text, sizeof text), 3);
  CHECK(strncmp(text, "out", 3) == 0);
}
