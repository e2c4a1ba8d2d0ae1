/* Memory: the heap goes on where it ended (brk), and what was allocated can be freed. */
#include "../conformance.h"

static char *block;
static void *end;

void prepare(void) {
  block = malloc(50000);
  NEED(block != NULL);
  memset(block, 4, 50000);
  NEED(sbrk(123 * 4096) != (void *)-1);
  end = sbrk(0);
  memset((char *)end - 4096, 6, 4096);
}

void verify(void) {
  CHECK(sbrk(0) == end);
  CHECK(sbrk(64 * 4096) == end);
  memset(end, 1, 64 * 4096);
  CHECK_EQUAL(((char *)end)[-1], 6);
  CHECK(sbrk(-64 * 4096) == (char *)end + 64 * 4096);
  CHECK_EQUAL(block[49999], 4);
  free(block);
  char *blocks[64];
  for (int index = 0; index < 64; index++) memset(blocks[index] = malloc(40000), index, 40000);
  for (int index = 0; index < 64; index++) CHECK_EQUAL(blocks[index][39999], index);
}
