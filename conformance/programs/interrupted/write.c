/* System calls: a write() to a full pipe waits on until there is room. */

#include "waits.h"

static int ends[2];
static char block[65536];

static long wait_for_it(void) {
  return write(ends[1], block, 10) == 10;
}

void prepare(void) {
  NEED(pipe(ends) == 0 && write(ends[1], block, sizeof block) == sizeof block);
  begin_waiting();
}

void verify(void) {
  CHECK_EQUAL(waited, 0);
  CHECK_EQUAL(read(ends[0], block, sizeof block), (long)sizeof block);
  end_waiting();
}
