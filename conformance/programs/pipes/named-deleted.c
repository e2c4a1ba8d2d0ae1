/* Pipes: a named pipe that was removed stays open on both sides with what is in it. */
#include "../conformance.h"

static int reader, writer;

void prepare(void) {
  NEED(mkfifo("/tmp/fifo", 0640) == 0);
  reader = open("/tmp/fifo", O_RDONLY | O_NONBLOCK);
  writer = open("/tmp/fifo", O_WRONLY);
  NEED(reader >= 0 && writer >= 0);
  NEED(write(writer, "inside", 6) == 6);
  NEED(unlink("/tmp/fifo") == 0);
}

void verify(void) {
  char text[16] = "";
  struct stat status;
  CHECK_EQUAL(fstat(reader, &status), 0);
  CHECK_EQUAL(status.st_mode, S_IFIFO | 0640);
  CHECK_EQUAL(write(writer, "more", 4), 4);
  CHECK_EQUAL(read(reader, text, sizeof text), 10);
  CHECK(strncmp(text, "insidemore", 10) == 0);
  close(writer);
  CHECK_EQUAL(read(reader, text, sizeof text), 0);
  CHECK_EQUAL(access("/tmp/fifo", F_OK), -1);
}
