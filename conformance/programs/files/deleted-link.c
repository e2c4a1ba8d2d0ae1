/* Files: a symbolic link that was deleted while a descriptor names it (O_PATH) can still be read. */
#include "../conformance.h"

static int file;

void prepare(void) {
  NEED(symlink("some where", "/tmp/link") == 0);
  file = open("/tmp/link", O_PATH | O_NOFOLLOW);
  NEED(file >= 0);
  NEED(unlink("/tmp/link") == 0);
}

void verify(void) {
  char target[32] = "";
  struct stat status;
  CHECK_EQUAL(readlinkat(file, "", target, sizeof target), 10);
  CHECK(strcmp(target, "some where") == 0);
  CHECK_EQUAL(fstat(file, &status), 0);
  CHECK(S_ISLNK(status.st_mode));
  CHECK_EQUAL(access("/tmp/link", F_OK), -1);
}
