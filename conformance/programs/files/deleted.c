/* Files: a deleted file that is still open keeps its content, holes and mode. */
#include "../conformance.h"

static int file;

void prepare(void) {
  file = open("/tmp/gone", O_RDWR | O_CREAT, 0640);
  NEED(file >= 0);
  NEED(pwrite(file, "begin", 5, 0) == 5);
  NEED(pwrite(file, "end", 3, 1 << 20) == 3);
  NEED(lseek(file, 2, SEEK_SET) == 2);
  NEED(unlink("/tmp/gone") == 0);
}

void verify(void) {
  char content[8] = "";
  struct stat status;
  CHECK_EQUAL(fstat(file, &status), 0);
  CHECK_EQUAL(status.st_nlink, 0);
  CHECK_EQUAL(status.st_size, (1 << 20) + 3);
  CHECK_EQUAL(status.st_mode & 07777, 0640);
  CHECK(status.st_blocks * 512 < 1 << 20);
  CHECK_EQUAL(read(file, content, 3), 3);
  CHECK(strcmp(content, "gin") == 0);
  CHECK_EQUAL(pread(file, content, 4, 1 << 20), 3);
  CHECK(memcmp(content, "end", 3) == 0);
  CHECK_EQUAL(access("/tmp/gone", F_OK), -1);
  CHECK_EQUAL(write(file, "more", 4), 4);
}
