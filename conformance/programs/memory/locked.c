/* Memory: pages that are locked into memory stay locked. */
#include "../conformance.h"

static char *memory;

static long locked(void) {
  char line[256];
  long kilobytes = -1;
  FILE *file = fopen("/proc/self/status", "r");
  while (file != NULL && fgets(line, sizeof line, file)) sscanf(line, "VmLck: %ld", &kilobytes);
  if (file != NULL) fclose(file);
  return kilobytes;
}

void prepare(void) {
  memory = mmap(NULL, 8 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  memset(memory, 3, 8 * 4096);
  NEED(mlock(memory + 4096, 4 * 4096) == 0);
  NEED(locked() == 16);
}

void verify(void) {
  CHECK_EQUAL(locked(), 16);
  CHECK_EQUAL(memory[4096], 3);
  CHECK_EQUAL(munlock(memory + 4096, 4 * 4096), 0);
  CHECK_EQUAL(locked(), 0);
}
