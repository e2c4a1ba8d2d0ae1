/* memfd: content, offset, mode, flags and name stay; two descriptors of one description share an offset, a second open() does not. */
#include "../conformance.h"

static int file, twin, other;

void prepare(void) {
  file = memfd_create("scratch", MFD_CLOEXEC);
  NEED(file >= 0);
  NEED(write(file, "0123456789", 10) == 10);
  NEED(ftruncate(file, 1 << 20) == 0);
  NEED(fchmod(file, 0640) == 0);
  twin = dup(file);
  char path[64];
  snprintf(path, sizeof path, "/proc/self/fd/%d", file);
  other = open(path, O_RDONLY | O_NONBLOCK);
  NEED(other >= 0);
  NEED(lseek(file, 3, SEEK_SET) == 3);
  NEED(lseek(other, 7, SEEK_SET) == 7);
}

void verify(void) {
  char text[64] = "", path[64];
  struct stat status, second;
  CHECK_EQUAL(lseek(twin, 0, SEEK_CUR), 3);
  CHECK_EQUAL(lseek(other, 0, SEEK_CUR), 7);
  CHECK_EQUAL(fcntl(file, F_GETFD), FD_CLOEXEC);
  CHECK_EQUAL(fcntl(twin, F_GETFD), 0);
  CHECK_EQUAL(fcntl(other, F_GETFL) & (O_ACCMODE | O_NONBLOCK), O_RDONLY | O_NONBLOCK);
  CHECK_EQUAL(fstat(file, &status), 0);
  CHECK_EQUAL(fstat(other, &second), 0);
  CHECK_EQUAL(status.st_size, 1 << 20);
  CHECK_EQUAL(status.st_mode & 07777, 0640);
  CHECK_EQUAL(status.st_ino, second.st_ino);
  CHECK_EQUAL(read(twin, text, 7), 7);
  CHECK(strcmp(text, "3456789") == 0);
  snprintf(path, sizeof path, "/proc/self/fd/%d", file);
  memset(text, 0, sizeof text);
  CHECK(readlink(path, text, sizeof text - 1) > 0);
  CHECK(strncmp(text, "/memfd:scratch", 14) == 0);
}
