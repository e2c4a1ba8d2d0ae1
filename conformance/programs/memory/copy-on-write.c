/* Memory: pages that parent and child had in common since the fork are each one's own when written to. */
#include "../conformance.h"

#define SIZE (1 << 20)
static unsigned char *memory;
static volatile int *word;
static pid_t child;

void prepare(void) {
  word = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  memory = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  NEED(memory != MAP_FAILED && word != MAP_FAILED);
  memset(memory, 7, SIZE);
  child = fork();
  if (child == 0) {
    memory[4096] = 8;
    word[1] = 1;
    while (word[0] == 0) nap();
    memory[0] = 9;
    word[2] = memory[0] == 9 && memory[4096] == 8 && memory[8192] == 7 && memory[12288] == 7;
    _exit(0);
  }
  while (word[1] == 0) nap();
  memory[8192] = 6;
}

void verify(void) {
  memory[12288] = 5;
  word[0] = 1;
  int status = -1;
  CHECK_EQUAL(waitpid(child, &status, 0), child);
  CHECK_EQUAL(word[2], 1);
  CHECK_EQUAL(memory[0], 7);
  CHECK_EQUAL(memory[4096], 7);
  CHECK_EQUAL(memory[8192], 6);
}
