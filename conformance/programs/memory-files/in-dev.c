/* Memory files: a program's own files in /dev are there beside the runtime's. */
#include "../conformance.h"

static int file;

void prepare(void) {
  NEED(mkdir("/dev/own", 0755) == 0);
  file = open("/dev/own/file", O_RDWR | O_CREAT, 0600);
  NEED(write(file, "text", 4) == 4);
  NEED(symlink("own/file", "/dev/link") == 0);
}

void verify(void) {
  char text[8] = "";
  struct stat one, other;
  CHECK_EQUAL(pread(file, text, 8, 0), 4);
  CHECK(strcmp(text, "text") == 0);
  CHECK_EQUAL(fstat(file, &one), 0);
  CHECK_EQUAL(stat("/dev/link", &other), 0);
  CHECK_EQUAL(one.st_ino, other.st_ino);
  CHECK_EQUAL(access("/dev/null", R_OK | W_OK), 0);
}
