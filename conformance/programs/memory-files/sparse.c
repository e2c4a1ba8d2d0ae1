/* Memory files: files with holes keep them, and what is between them. */
#include "../conformance.h"

enum { PIECES = 30, APART = 1 << 20 };

static void fill(char *page, int number) { memset(page, 'a' + number % 26, 4096); }

void prepare(void) {
  char page[4096];
  int file = open("/dev/shm/sparse", O_RDWR | O_CREAT, 0600);
  for (int number = 0; number < PIECES; number++) {
    fill(page, number);
    NEED(pwrite(file, page, sizeof page, (off_t)(number + 1) * APART) == sizeof page);
  }
  NEED(ftruncate(file, (off_t)(PIECES + 2) * APART + 7) == 0);
  NEED(close(file) == 0);
  file = open("/dev/shm/behind", O_RDWR | O_CREAT, 0600);
  NEED(write(file, "behind", 6) == 6);
  int hole = open("/dev/shm/hole", O_RDWR | O_CREAT, 0600);
  NEED(ftruncate(hole, 12345678) == 0);
}

void verify(void) {
  char page[4096], expected[4096], zero[4096] = "";
  struct stat status;
  int file = open("/dev/shm/sparse", O_RDONLY);
  CHECK_EQUAL(fstat(file, &status), 0);
  CHECK_EQUAL(status.st_size, (off_t)(PIECES + 2) * APART + 7);
  CHECK_EQUAL(status.st_blocks, PIECES * 8);
  for (int number = 0; number < PIECES; number++) {
    fill(expected, number);
    CHECK_EQUAL(pread(file, page, sizeof page, (off_t)(number + 1) * APART), sizeof page);
    CHECK_EQUAL(memcmp(page, expected, sizeof page), 0);
    CHECK_EQUAL(pread(file, page, sizeof page, (off_t)number * APART + 8192), sizeof page);
    CHECK_EQUAL(memcmp(page, zero, sizeof page), 0);
  }
  CHECK_EQUAL(stat("/dev/shm/hole", &status), 0);
  CHECK_EQUAL(status.st_size, 12345678);
  CHECK(status.st_blocks <= 8);
  file = open("/dev/shm/behind", O_RDONLY);
  CHECK_EQUAL(read(file, page, 10), 6);
  CHECK(memcmp(page, "behind", 6) == 0);
}
