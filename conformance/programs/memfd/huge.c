/* memfd: one of huge pages. */
// except native: huge pages are not carried
// except arm64: huge pages are not carried
#include "../conformance.h"

static int file;
static char *memory;

void prepare(void) {
  file = memfd_create("huge", MFD_HUGETLB);
  NEED(file >= 0);
  NEED(ftruncate(file, 2 << 20) == 0);
  memory = mmap(NULL, 2 << 20, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  NEED(memory != MAP_FAILED);
}

void verify(void) { CHECK_EQUAL(memory[0], 0); }
