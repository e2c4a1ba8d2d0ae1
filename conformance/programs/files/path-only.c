/* Files: descriptors that only name something (O_PATH) name it afterwards: a file, a folder, a symbolic link. */
#include "../conformance.h"

static int file, folder, link_;

void prepare(void) {
  close(open("/tmp/file", O_WRONLY | O_CREAT, 0600));
  NEED(symlink("nowhere", "/tmp/link") == 0);
  file = open("/tmp/file", O_PATH);
  folder = open("/tmp", O_PATH | O_DIRECTORY);
  link_ = open("/tmp/link", O_PATH | O_NOFOLLOW);
  NEED(file >= 0 && folder >= 0 && link_ >= 0);
}

void verify(void) {
  char byte, target[16] = "";
  struct stat status;
  CHECK(fcntl(file, F_GETFL) & O_PATH);
  CHECK_EQUAL(read(file, &byte, 1), -1);
  CHECK_EQUAL(errno, EBADF);
  CHECK_EQUAL(fstat(file, &status), 0);
  CHECK(S_ISREG(status.st_mode));
  CHECK_EQUAL(faccessat(folder, "file", F_OK, 0), 0);
  CHECK_EQUAL(readlinkat(link_, "", target, sizeof target), 7);
  CHECK(strcmp(target, "nowhere") == 0);
}
