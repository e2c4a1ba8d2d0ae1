/* Files: a process stays in a removed working directory. */
#include "../conformance.h"

void prepare(void) {
  NEED(mkdir("/tmp/here", 0700) == 0);
  NEED(chdir("/tmp/here") == 0);
  NEED(rmdir("/tmp/here") == 0);
}

void verify(void) {
  struct stat status;
  char path[64];
  CHECK_EQUAL(stat(".", &status), 0);
  CHECK_EQUAL(status.st_nlink, 0);
  CHECK(getcwd(path, sizeof path) == NULL || strncmp(path, "/tmp/here", 9) != 0);
  CHECK_EQUAL(open("new", O_RDWR | O_CREAT, 0600), -1);
}
