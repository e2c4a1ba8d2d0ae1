/* Files: the name of a deleted file may belong to another file by now, which stays as it is. */
#include "../conformance.h"

static int old;

void prepare(void) {
  old = open("/tmp/name", O_RDWR | O_CREAT, 0600);
  NEED(write(old, "old", 3) == 3);
  NEED(unlink("/tmp/name") == 0);
  int other = open("/tmp/name", O_RDWR | O_CREAT, 0600);
  NEED(write(other, "other", 5) == 5);
  NEED(close(other) == 0);
}

void verify(void) {
  char content[8] = "";
  CHECK_EQUAL(pread(old, content, sizeof content, 0), 3);
  CHECK(strcmp(content, "old") == 0);
  int other = open("/tmp/name", O_RDONLY);
  CHECK_EQUAL(read(other, content, sizeof content), 5);
  CHECK(strncmp(content, "other", 5) == 0);
}
