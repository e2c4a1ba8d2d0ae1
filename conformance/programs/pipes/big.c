/* Pipes: one of a megabyte keeps its size and all that is in it; so does one whose bytes were spliced out of a file. */
#include "../conformance.h"

enum { SIZE = 1 << 20 };
static int big[2], spliced[2];
static unsigned char bytes[SIZE], found[SIZE];

void prepare(void) {
  NEED(pipe2(big, O_NONBLOCK) == 0);
  NEED(fcntl(big[1], F_SETPIPE_SZ, SIZE) == SIZE);
  for (int index = 0; index < SIZE; index++) bytes[index] = index * 7 + index / 4096;
  NEED(write(big[1], bytes, SIZE) == SIZE);
  int file = open("/tmp/data", O_RDWR | O_CREAT, 0600);
  NEED(write(file, bytes, 50000) == 50000);
  NEED(lseek(file, 0, SEEK_SET) == 0);
  NEED(pipe2(spliced, O_NONBLOCK) == 0);
  NEED(splice(file, NULL, spliced[1], NULL, 10, 0) == 10);
  while (splice(file, NULL, spliced[1], NULL, 50000, 0) > 0) continue;
}

void verify(void) {
  CHECK_EQUAL(fcntl(big[0], F_GETPIPE_SZ), SIZE);
  CHECK_EQUAL(read(big[0], found, SIZE), SIZE);
  CHECK_EQUAL(memcmp(found, bytes, SIZE), 0);
  CHECK_EQUAL(read(big[0], found, 1), -1);
  CHECK_EQUAL(read(spliced[0], found, SIZE), 50000);
  CHECK_EQUAL(memcmp(found, bytes, 50000), 0);
}
