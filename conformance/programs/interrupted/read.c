/* System calls: a read() from an empty pipe waits on until something is written. */

#include "waits.h"

static int ends[2];

static long wait_for_it(void) {
  char byte = 0;
  return read(ends[0], &byte, 1) == 1 && byte == 7;
}

void prepare(void) {
  NEED(pipe(ends) == 0);
  begin_waiting();
}

void verify(void) {
  CHECK_EQUAL(waited, 0);
  CHECK_EQUAL(write(ends[1], "\7", 1), 1);
  end_waiting();
}
