/* Locks: open file description locks (F_OFD_SETLK) of ranges bind other descriptions, of the same process too. */
#include "../conformance.h"

static int one, other;

static int set(int file, int type, off_t start, off_t length) {
  struct flock range = {.l_type = type, .l_whence = SEEK_SET, .l_start = start, .l_len = length};
  return fcntl(file, F_OFD_SETLK, &range);
}

void prepare(void) {
  one = open("/tmp/data", O_RDWR | O_CREAT, 0600);
  other = open("/tmp/data", O_RDWR);
  NEED(one >= 0 && other >= 0);
  NEED(set(one, F_WRLCK, 0, 10) == 0);
  NEED(set(one, F_RDLCK, 100, 0) == 0);
  NEED(set(other, F_WRLCK, 50, 10) == 0);
}

void verify(void) {
  CHECK_EQUAL(set(other, F_RDLCK, 5, 1), -1);
  CHECK_EQUAL(errno, EAGAIN);
  CHECK_EQUAL(set(other, F_RDLCK, 1000, 1), 0);
  CHECK_EQUAL(set(other, F_WRLCK, 2000, 1), -1);
  CHECK_EQUAL(set(one, F_RDLCK, 55, 1), -1);
  CHECK_EQUAL(set(one, F_WRLCK, 5, 1), 0);
  CHECK_EQUAL(set(one, F_UNLCK, 0, 10), 0);
  CHECK_EQUAL(set(other, F_WRLCK, 0, 10), 0);
}
