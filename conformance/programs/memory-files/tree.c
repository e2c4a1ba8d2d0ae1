/* Memory files: folders, symbolic and hard links, named pipes and odd names in a tmpfs. */
#include "../conformance.h"

static const char *const odd = "/dev/shm/a b\nc\\é*";

void prepare(void) {
  NEED(mkdir("/dev/shm/folder", 0700) == 0);
  NEED(mkdir("/dev/shm/folder/below", 0755) == 0);
  NEED(chmod("/dev/shm/folder", 01750) == 0);
  int file = open("/dev/shm/folder/below/file", O_RDWR | O_CREAT, 0400);
  NEED(write(file, "text", 4) == 4);
  NEED(close(file) == 0);
  NEED(link("/dev/shm/folder/below/file", "/dev/shm/twin") == 0);
  NEED(symlink("below/file", "/dev/shm/folder/link") == 0);
  NEED(symlink("nowhere at all", "/dev/shm/dangling") == 0);
  NEED(mkfifo("/dev/shm/fifo", 0600) == 0);
  NEED(chmod("/dev/shm/fifo", 0622) == 0);
  NEED(close(open(odd, O_RDWR | O_CREAT, 0600)) == 0);
  char path[300] = "/dev/shm/";
  memset(path + 9, 'l', 250);
  NEED(close(open(path, O_RDWR | O_CREAT, 0600)) == 0);
  NEED(lchown("/dev/shm/folder/link", 7, 8) == 0);
}

void verify(void) {
  struct stat status, twin;
  char text[300] = "";
  CHECK_EQUAL(stat("/dev/shm/folder", &status), 0);
  CHECK_EQUAL(status.st_mode, S_IFDIR | 01750);
  CHECK_EQUAL(stat("/dev/shm/folder/below", &status), 0);
  CHECK_EQUAL(status.st_mode, S_IFDIR | 0755);
  CHECK_EQUAL(stat("/dev/shm/folder/below/file", &status), 0);
  CHECK_EQUAL(stat("/dev/shm/twin", &twin), 0);
  CHECK_EQUAL(status.st_ino, twin.st_ino);
  CHECK_EQUAL(status.st_nlink, 2);
  CHECK_EQUAL(status.st_mode, S_IFREG | 0400);
  int file = open("/dev/shm/folder/link", O_RDONLY);
  CHECK_EQUAL(read(file, text, sizeof text), 4);
  CHECK(strncmp(text, "text", 4) == 0);
  CHECK_EQUAL(readlink("/dev/shm/dangling", text, sizeof text), 14);
  CHECK(strncmp(text, "nowhere at all", 14) == 0);
  CHECK_EQUAL(lstat("/dev/shm/folder/link", &status), 0);
  CHECK_EQUAL(status.st_uid, 7);
  CHECK_EQUAL(lstat("/dev/shm/fifo", &status), 0);
  CHECK_EQUAL(status.st_mode, S_IFIFO | 0622);
  CHECK_EQUAL(access(odd, F_OK), 0);
  char path[300] = "/dev/shm/";
  memset(path + 9, 'l', 250);
  CHECK_EQUAL(access(path, F_OK), 0);
}
