/* Pipes: bytes whose writers have all gone can still be read, and then the end; a pipe without readers breaks. */
#include "../conformance.h"

static int reader, writer;

void prepare(void) {
  int ends[2];
  NEED(pipe(ends) == 0);
  NEED(write(ends[1], "left behind", 11) == 11);
  NEED(close(ends[1]) == 0);
  reader = ends[0];
  NEED(pipe(ends) == 0);
  NEED(write(ends[1], "unread", 6) == 6);
  NEED(close(ends[0]) == 0);
  writer = ends[1];
  signal(SIGPIPE, SIG_IGN);
}

void verify(void) {
  char text[16] = "";
  CHECK_EQUAL(read(reader, text, sizeof text), 11);
  CHECK(strcmp(text, "left behind") == 0);
  CHECK_EQUAL(read(reader, text, sizeof text), 0);
  CHECK_EQUAL(write(writer, "x", 1), -1);
  CHECK_EQUAL(errno, EPIPE);
}
