/* Files: a deleted file keeps its owner, group, mode and times. */
#include "../conformance.h"

static int file;

void prepare(void) {
  file = open("/tmp/gone", O_RDWR | O_CREAT, 0600);
  NEED(write(file, "text", 4) == 4);
  NEED(fchown(file, 1234, 5678) == 0);
  NEED(fchmod(file, 02750) == 0);
  struct timespec times[2] = {{1000000000, 123456000}, {1100000000, 654321000}};
  NEED(futimens(file, times) == 0);
  NEED(unlink("/tmp/gone") == 0);
}

void verify(void) {
  struct stat status;
  CHECK_EQUAL(fstat(file, &status), 0);
  CHECK_EQUAL(status.st_uid, 1234);
  CHECK_EQUAL(status.st_gid, 5678);
  CHECK_EQUAL(status.st_mode, S_IFREG | 02750);
  CHECK_EQUAL(status.st_atim.tv_sec, 1000000000);
  CHECK_EQUAL(status.st_mtim.tv_sec, 1100000000);
  CHECK_EQUAL(status.st_mtim.tv_nsec, 654321000);
}
