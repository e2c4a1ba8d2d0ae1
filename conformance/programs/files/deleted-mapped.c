/* Files: a deleted file stays mapped, privately and shared, though no descriptor of it is open. */
#include "../conformance.h"

static char *own, *common, *twin;

void prepare(void) {
  int file = open("/tmp/gone", O_RDWR | O_CREAT, 0600);
  char page[4096];
  for (int number = 0; number < 3; number++) {
    memset(page, 'a' + number, sizeof page);
    NEED(write(file, page, sizeof page) == sizeof page);
  }
  own = mmap(NULL, 3 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, file, 0);
  common = mmap(NULL, 2 * 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, 4096);
  twin = mmap(NULL, 4096, PROT_READ, MAP_SHARED, file, 2 * 4096);
  NEED(own != MAP_FAILED && common != MAP_FAILED && twin != MAP_FAILED);
  own[4096] = 'P';
  common[0] = 'S';
  NEED(close(file) == 0);
  NEED(unlink("/tmp/gone") == 0);
}

void verify(void) {
  CHECK_EQUAL(own[0], 'a');
  CHECK_EQUAL(own[4096], 'P');
  CHECK_EQUAL(own[2 * 4096], 'c');
  CHECK_EQUAL(common[0], 'S');
  CHECK_EQUAL(common[1], 'b');
  common[4096] = 'T';
  CHECK_EQUAL(twin[0], 'T');
  CHECK_EQUAL(access("/tmp/gone", F_OK), -1);
}
