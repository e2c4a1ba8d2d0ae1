/* Files: a file is open under a name that was removed, while it has another one. */
// except criu: it takes the name that it made for the dump away again
// except native: CRIU does not tell the other name
// except arm64: CRIU does not tell the other name
#include "../conformance.h"

static int file;

void prepare(void) {
  file = open("/tmp/one", O_RDWR | O_CREAT, 0600);
  NEED(write(file, "text", 4) == 4);
  NEED(link("/tmp/one", "/tmp/other") == 0);
  NEED(unlink("/tmp/one") == 0);
}

void verify(void) {
  struct stat one, other;
  CHECK_EQUAL(fstat(file, &one), 0);
  CHECK_EQUAL(stat("/tmp/other", &other), 0);
  CHECK_EQUAL(one.st_ino, other.st_ino);
  CHECK_EQUAL(one.st_nlink, 1);
}
