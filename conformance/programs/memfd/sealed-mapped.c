/* memfd: a write-sealed one stays mapped for reading, privately and shared, without a descriptor. */
#include "../conformance.h"

static const char *common;
static char *own;

void prepare(void) {
  int file = memfd_create("sealed", MFD_ALLOW_SEALING);
  NEED(write(file, "sealed", 6) == 6);
  NEED(ftruncate(file, 8192) == 0);
  NEED(fcntl(file, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW) == 0);
  own = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE, file, 0);
  NEED(own != MAP_FAILED);
  common = mmap(NULL, 8192, PROT_READ, MAP_PRIVATE, file, 0);
  NEED(common != MAP_FAILED);
  own[4096] = 'x';
  NEED(close(file) == 0);
}

void verify(void) {
  CHECK(memcmp(common, "sealed", 6) == 0);
  CHECK(memcmp(own, "sealed", 6) == 0);
  CHECK_EQUAL(own[4096], 'x');
  CHECK_EQUAL(common[4096], 0);
  own[0] = 'S';
  CHECK_EQUAL(common[0], 's');
}
