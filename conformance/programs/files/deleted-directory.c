/* Files: a removed directory stays open, and so does a file that was in it. */
// except criu: it makes the file where the folder has been removed already
#include "../conformance.h"

static int directory, file;

void prepare(void) {
  NEED(mkdir("/tmp/folder", 0750) == 0);
  directory = open("/tmp/folder", O_RDONLY | O_DIRECTORY);
  file = open("/tmp/folder/file", O_RDWR | O_CREAT, 0600);
  NEED(directory >= 0 && file >= 0);
  NEED(write(file, "text", 4) == 4);
  NEED(unlink("/tmp/folder/file") == 0);
  NEED(rmdir("/tmp/folder") == 0);
}

void verify(void) {
  char content[8] = "";
  struct stat status;
  CHECK_EQUAL(fstat(directory, &status), 0);
  CHECK_EQUAL(status.st_mode, S_IFDIR | 0750);
  CHECK_EQUAL(status.st_nlink, 0);
  CHECK_EQUAL(openat(directory, "new", O_RDWR | O_CREAT, 0600), -1);
  CHECK_EQUAL(errno, ENOENT);
  CHECK_EQUAL(pread(file, content, sizeof content, 0), 4);
  CHECK(strcmp(content, "text") == 0);
  CHECK_EQUAL(access("/tmp/folder", F_OK), -1);
}
