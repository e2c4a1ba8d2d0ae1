/* Files: a file that never had a name (O_TMPFILE) keeps its content. */
#include "../conformance.h"

static int file;

void prepare(void) {
  file = open("/tmp", O_TMPFILE | O_RDWR, 0640);
  NEED(file >= 0);
  NEED(write(file, "unnamed", 7) == 7);
}

void verify(void) {
  char content[16] = "";
  struct stat status;
  CHECK_EQUAL(fstat(file, &status), 0);
  CHECK_EQUAL(status.st_mode, S_IFREG | 0640);
  CHECK_EQUAL(status.st_nlink, 0);
  CHECK_EQUAL(pread(file, content, sizeof content, 0), 7);
  CHECK(strcmp(content, "unnamed") == 0);
  CHECK_EQUAL(lseek(file, 0, SEEK_CUR), 7);
  CHECK_EQUAL(write(file, "more", 4), 4);
}
