/* Memory files: POSIX shared memory (shm_open) stays shared between two processes that map it, and open under its name. */
#include "../conformance.h"

static volatile int *memory;
static int file;
static pid_t child;

void prepare(void) {
  file = shm_open("/segment", O_RDWR | O_CREAT, 0600);
  NEED(file >= 0);
  NEED(ftruncate(file, 1 << 20) == 0);
  memory = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  NEED(memory != MAP_FAILED);
  memory[1000] = 42;
  child = fork();
  NEED(child >= 0);
  if (child == 0) {
    while (memory[0] == 0) nap();
    memory[1] = memory[0] + memory[1000];
    _exit(0);
  }
  NEED(lseek(file, 12, SEEK_SET) == 12);
}

void verify(void) {
  int status = -1, found = 0;
  memory[0] = 7;
  CHECK_EQUAL(waitpid(child, &status, 0), child);
  CHECK_EQUAL(memory[1], 49);
  CHECK_EQUAL(pread(file, &found, 4, 4), 4);
  CHECK_EQUAL(found, 49);
  CHECK_EQUAL(lseek(file, 0, SEEK_CUR), 12);
  int again = shm_open("/segment", O_RDONLY, 0);
  CHECK_EQUAL(pread(again, &found, 4, 4000), 4);
  CHECK_EQUAL(found, 42);
}
