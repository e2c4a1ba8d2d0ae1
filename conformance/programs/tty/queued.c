/* Terminals: what waits on both sides of a pseudo terminal is there, once, line by line. */
// except criu: it makes one line of them, and echoes them again
#include "../conformance.h"
#include <poll.h>
#include <pty.h>
#include <termios.h>

static int master, slave;

void prepare(void) {
  NEED(openpty(&master, &slave, NULL, NULL, NULL) == 0);
  NEED(write(master, "one\ntwo\n", 8) == 8);
  struct pollfd ready = {.fd = slave, .events = POLLIN};
  NEED(poll(&ready, 1, 5000) == 1);
  NEED(write(slave, "answer\n", 7) == 7);
}

void verify(void) {
  char text[64] = "";
  CHECK_EQUAL(fcntl(slave, F_SETFL, O_RDWR | O_NONBLOCK), 0);
  CHECK_EQUAL(fcntl(master, F_SETFL, O_RDWR | O_NONBLOCK), 0);
  struct pollfd ready = {.fd = slave, .events = POLLIN};
  CHECK_EQUAL(poll(&ready, 1, 5000), 1);
  CHECK_EQUAL(read(slave, text, sizeof text), 4);
  CHECK(strncmp(text, "one\n", 4) == 0);
  CHECK_EQUAL(read(slave, text, sizeof text), 4);
  CHECK(strncmp(text, "two\n", 4) == 0);
  CHECK_EQUAL(read(slave, text, sizeof text), -1);
  /* The echo of the lines, then the answer, with carriage returns. */
  memset(text, 0, sizeof text);
  CHECK_EQUAL(read(master, text, sizeof text), 18);
  CHECK(strcmp(text, "one\r\ntwo\r\nanswer\r\n") == 0);
}
