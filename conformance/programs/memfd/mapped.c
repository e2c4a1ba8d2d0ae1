/* memfd: what is mapped, in two processes, and what is read through the descriptor is the same memory. */
#include "../conformance.h"

static volatile int *memory;
static int file;
static pid_t child;

void prepare(void) {
  file = memfd_create("segment", 0);
  NEED(ftruncate(file, 1 << 16) == 0);
  memory = mmap(NULL, 1 << 16, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  NEED(memory != MAP_FAILED);
  memory[5000] = 3;
  child = fork();
  NEED(child >= 0);
  if (child == 0) {
    int found = 0;
    while (memory[0] == 0) nap();
    if (pread(file, &found, 4, 20000) != 4) _exit(1);
    memory[1] = found + memory[0];
    _exit(0);
  }
}

void verify(void) {
  int status = -1, found = 0;
  memory[0] = 7;
  CHECK_EQUAL(waitpid(child, &status, 0), child);
  CHECK_EQUAL(status, 0);
  CHECK_EQUAL(pread(file, &found, 4, 4), 4);
  CHECK_EQUAL(found, 10);
  found = 77;
  CHECK_EQUAL(pwrite(file, &found, 4, 8), 4);
  CHECK_EQUAL(memory[2], 77);
}
