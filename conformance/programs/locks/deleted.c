/* Locks: of a deleted file, and of one in memory. */
#include "../conformance.h"
#include <sys/file.h>

static int gone, again, memory;

void prepare(void) {
  gone = open("/tmp/gone", O_RDWR | O_CREAT, 0600);
  again = open("/tmp/gone", O_RDWR);
  NEED(gone >= 0 && again >= 0);
  NEED(unlink("/tmp/gone") == 0);
  NEED(flock(gone, LOCK_EX) == 0);
  memory = open("/dev/shm/lock", O_RDWR | O_CREAT, 0600);
  NEED(memory >= 0);
  NEED(flock(memory, LOCK_EX) == 0);
}

void verify(void) {
  CHECK_EQUAL(flock(again, LOCK_SH | LOCK_NB), -1);
  CHECK_EQUAL(errno, EWOULDBLOCK);
  int file = open("/dev/shm/lock", O_RDWR);
  CHECK_EQUAL(flock(file, LOCK_SH | LOCK_NB), -1);
  CHECK_EQUAL(flock(gone, LOCK_UN), 0);
  CHECK_EQUAL(flock(again, LOCK_SH | LOCK_NB), 0);
}
