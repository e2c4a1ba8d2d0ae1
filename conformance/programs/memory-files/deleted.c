/* Memory files: shared memory whose name was removed stays mapped and open in both processes. */
#include "../conformance.h"

static volatile int *memory;
static int file;
static pid_t child;

void prepare(void) {
  file = shm_open("/gone", O_RDWR | O_CREAT, 0600);
  NEED(file >= 0);
  NEED(ftruncate(file, 1 << 16) == 0);
  memory = mmap(NULL, 1 << 16, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  NEED(memory != MAP_FAILED);
  NEED(shm_unlink("/gone") == 0);
  memory[9] = 5;
  child = fork();
  NEED(child >= 0);
  if (child == 0) {
    while (memory[0] == 0) nap();
    memory[1] = memory[0] + memory[9];
    _exit(0);
  }
}

void verify(void) {
  int status = -1, found = 0;
  memory[0] = 7;
  CHECK_EQUAL(waitpid(child, &status, 0), child);
  CHECK_EQUAL(memory[1], 12);
  CHECK_EQUAL(pread(file, &found, 4, 4), 4);
  CHECK_EQUAL(found, 12);
  CHECK_EQUAL(access("/dev/shm/gone", F_OK), -1);
}
