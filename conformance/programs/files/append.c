/* Files: what is written through O_APPEND goes to the end, wherever the offset was. */
#include "../conformance.h"

static int file;

void prepare(void) {
  file = open("/tmp/log", O_RDWR | O_CREAT | O_APPEND, 0600);
  NEED(file >= 0);
  NEED(write(file, "one\n", 4) == 4);
  NEED(lseek(file, 1, SEEK_SET) == 1);
}

void verify(void) {
  char content[16] = "";
  CHECK_EQUAL(lseek(file, 0, SEEK_CUR), 1);
  CHECK(fcntl(file, F_GETFL) & O_APPEND);
  CHECK_EQUAL(write(file, "two\n", 4), 4);
  CHECK_EQUAL(pread(file, content, sizeof content, 0), 8);
  CHECK(strcmp(content, "one\ntwo\n") == 0);
}
