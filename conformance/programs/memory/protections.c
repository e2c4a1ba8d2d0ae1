/* Memory: read-only, inaccessible and executable pages are what they were. */
#include <setjmp.h>
#include "../conformance.h"

static volatile char *readable, *closed;
static int (*function)(void);
static sigjmp_buf back;

static void handle(int signal) {
  (void)signal;
  siglongjmp(back, 1);
}

static int faults(volatile char *address, int write) {
  if (sigsetjmp(back, 1) != 0) return 1;
  if (write) *address = 1;
  else (void)*address;
  return 0;
}

void prepare(void) {
  static const unsigned char code[] = {0xb8, 42, 0, 0, 0, 0xc3}; /* mov eax, 42; ret */
  char *memory = mmap(NULL, 3 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  NEED(memory != MAP_FAILED);
  memset(memory, 5, 2 * 4096);
  memcpy(memory + 8192, code, sizeof code);
  NEED(mprotect(memory, 4096, PROT_READ) == 0 && mprotect(memory + 4096, 4096, PROT_NONE) == 0);
  NEED(mprotect(memory + 8192, 4096, PROT_READ | PROT_EXEC) == 0);
  readable = memory;
  closed = memory + 4096;
  function = (int (*)(void))(memory + 8192);
  NEED(function() == 42);
  signal(SIGSEGV, handle);
}

void verify(void) {
  CHECK_EQUAL(*readable, 5);
  CHECK_EQUAL(faults(readable, 1), 1);
  CHECK_EQUAL(faults(closed, 0), 1);
  CHECK_EQUAL(function(), 42);
  CHECK_EQUAL(faults((volatile char *)function, 1), 1);
  CHECK_EQUAL(mprotect((char *)closed, 4096, PROT_READ), 0);
  CHECK_EQUAL(*closed, 5);
}
