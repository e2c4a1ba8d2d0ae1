/* Pipes: named pipes with one side: read-only without blocking, and open for both with bytes inside. */
#include "../conformance.h"

static int reader, both;

void prepare(void) {
  NEED(mkfifo("/tmp/one", 0600) == 0);
  NEED(mkfifo("/tmp/both", 0600) == 0);
  reader = open("/tmp/one", O_RDONLY | O_NONBLOCK);
  both = open("/tmp/both", O_RDWR);
  NEED(reader >= 0 && both >= 0);
  NEED(write(both, "inside", 6) == 6);
}

void verify(void) {
  char text[16] = "";
  CHECK_EQUAL(read(reader, text, 1), 0);
  int writer = open("/tmp/one", O_WRONLY | O_NONBLOCK);
  CHECK(writer >= 0);
  CHECK_EQUAL(write(writer, "new", 3), 3);
  CHECK_EQUAL(read(reader, text, sizeof text), 3);
  CHECK_EQUAL(read(both, text, sizeof text), 6);
  CHECK(strncmp(text, "inside", 6) == 0);
  CHECK_EQUAL(fcntl(both, F_GETFL) & O_ACCMODE, O_RDWR);
}
