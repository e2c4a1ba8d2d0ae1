/* Memory files: what lies in /dev/shm is there: content, mode, owner, time. */
#include "../conformance.h"

void prepare(void) {
  int file = open("/dev/shm/data", O_RDWR | O_CREAT, 0600);
  NEED(file >= 0);
  for (int number = 0; number < 100000; number++) NEED(write(file, &number, sizeof number) == sizeof number);
  NEED(fchown(file, 1000, 2000) == 0);
  NEED(fchmod(file, 0644) == 0);
  struct timespec times[2] = {{1000000000, 0}, {1100000000, 0}};
  NEED(futimens(file, times) == 0);
  NEED(close(file) == 0);
  NEED(close(open("/dev/shm/empty", O_RDWR | O_CREAT, 0)) == 0);
}

void verify(void) {
  struct stat status;
  CHECK_EQUAL(stat("/dev/shm/data", &status), 0);
  CHECK_EQUAL(status.st_mode, S_IFREG | 0644);
  CHECK_EQUAL(status.st_uid, 1000);
  CHECK_EQUAL(status.st_gid, 2000);
  CHECK_EQUAL(status.st_mtim.tv_sec, 1100000000);
  int file = open("/dev/shm/data", O_RDONLY), found;
  for (int number = 0; number < 100000; number++)
    if (read(file, &found, sizeof found) != sizeof found || found != number) {
      report("number %d is %d", number, found);
      break;
    }
  CHECK_EQUAL(read(file, &found, 1), 0);
  CHECK_EQUAL(stat("/dev/shm/empty", &status), 0);
  CHECK_EQUAL(status.st_size, 0);
  CHECK_EQUAL(status.st_mode, S_IFREG);
}
