/* Memory: the stack grows on, far below where it was, also through a system call's buffer. */
#include "../conformance.h"

static long descend(int depth) {
  volatile char room[16 * 1024];
  room[0] = depth;
  if (depth == 0) return 0;
  return descend(depth - 1) + (room[0] == (char)depth);
}

static int buffer_on_stack(void) {
  char room[3 << 20];
  int zero = open("/dev/zero", O_RDONLY);
  int count = read(zero, room, sizeof room);
  close(zero);
  return count;
}

void prepare(void) {
  NEED(descend(2) == 2);
}

void verify(void) {
  CHECK_EQUAL(buffer_on_stack(), 3 << 20);
  CHECK_EQUAL(descend(400), 400);
}
