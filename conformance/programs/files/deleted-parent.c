/* Files: a deleted file's folder may be gone, too, and is not there afterwards. */
#include "../conformance.h"

static int file;

void prepare(void) {
  NEED(mkdir("/tmp/above", 0700) == 0);
  NEED(mkdir("/tmp/above/folder", 0700) == 0);
  file = open("/tmp/above/folder/file", O_RDWR | O_CREAT, 0600);
  NEED(write(file, "text", 4) == 4);
  NEED(unlink("/tmp/above/folder/file") == 0);
  NEED(rmdir("/tmp/above/folder") == 0);
  NEED(rmdir("/tmp/above") == 0);
}

void verify(void) {
  char content[8] = "";
  CHECK_EQUAL(pread(file, content, sizeof content, 0), 4);
  CHECK(strcmp(content, "text") == 0);
  CHECK_EQUAL(access("/tmp/above", F_OK), -1);
}
