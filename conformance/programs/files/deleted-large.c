/* Files: a deleted file of many megabytes keeps every byte and its holes. */
#include "../conformance.h"

enum { BLOCK = 1 << 20, BLOCKS = 9 };
static int file;

static void fill(unsigned *words, unsigned block) {
  for (unsigned index = 0; index < BLOCK / 4; index++) words[index] = block * 2654435761u + index * 40503u;
}

void prepare(void) {
  unsigned *words = malloc(BLOCK);
  file = open("/tmp/gone", O_RDWR | O_CREAT, 0600);
  for (unsigned block = 0; block < BLOCKS; block++) {
    fill(words, block);
    /* Every other megabyte is a hole. */
    NEED(pwrite(file, words, BLOCK, (off_t)block * 2 * BLOCK) == BLOCK);
  }
  NEED(ftruncate(file, (off_t)40 * BLOCK + 5) == 0);
  NEED(unlink("/tmp/gone") == 0);
  free(words);
}

void verify(void) {
  struct stat status;
  unsigned *expected = malloc(BLOCK), *found = malloc(BLOCK);
  CHECK_EQUAL(fstat(file, &status), 0);
  CHECK_EQUAL(status.st_size, (off_t)40 * BLOCK + 5);
  CHECK(status.st_blocks * 512 < (off_t)(BLOCKS + 1) * BLOCK);
  for (unsigned block = 0; block < BLOCKS; block++) {
    fill(expected, block);
    CHECK_EQUAL(pread(file, found, BLOCK, (off_t)block * 2 * BLOCK), BLOCK);
    CHECK_EQUAL(memcmp(expected, found, BLOCK), 0);
  }
}
