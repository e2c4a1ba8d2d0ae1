/* Files: a file that was renamed while it was open is found under its new name. */
#include "../conformance.h"

static int file;

void prepare(void) {
  file = open("/tmp/before", O_RDWR | O_CREAT, 0600);
  NEED(write(file, "text", 4) == 4);
  NEED(mkdir("/tmp/folder", 0700) == 0);
  NEED(rename("/tmp/before", "/tmp/folder/after") == 0);
}

void verify(void) {
  struct stat one, other;
  CHECK_EQUAL(fstat(file, &one), 0);
  CHECK_EQUAL(stat("/tmp/folder/after", &other), 0);
  CHECK_EQUAL(one.st_ino, other.st_ino);
  CHECK_EQUAL(one.st_nlink, 1);
  CHECK_EQUAL(write(file, "more", 4), 4);
  CHECK_EQUAL(stat("/tmp/folder/after", &other), 0);
  CHECK_EQUAL(other.st_size, 8);
}
