/* Pipes: packet mode (O_DIRECT) stays for what is written afterwards. */
#include "../conformance.h"

static int ends[2];

void prepare(void) { NEED(pipe2(ends, O_DIRECT) == 0); }

void verify(void) {
  char text[16] = "";
  CHECK(fcntl(ends[1], F_GETFL) & O_DIRECT);
  CHECK_EQUAL(write(ends[1], "one", 3), 3);
  CHECK_EQUAL(write(ends[1], "three", 5), 5);
  CHECK_EQUAL(read(ends[0], text, sizeof text), 3);
  CHECK_EQUAL(read(ends[0], text, sizeof text), 5);
}
