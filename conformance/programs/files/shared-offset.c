/* Files: a duplicated descriptor and a child's share one offset; a second open() has its own. */
#include "../conformance.h"

static int file, twin, other;
static pid_t child;
static int *seen;

void prepare(void) {
  seen = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  NEED(seen != MAP_FAILED);
  file = open("/tmp/data", O_RDWR | O_CREAT, 0600);
  NEED(write(file, "0123456789", 10) == 10);
  twin = dup(file);
  other = open("/tmp/data", O_RDONLY);
  NEED(lseek(file, 3, SEEK_SET) == 3);
  NEED(lseek(other, 7, SEEK_SET) == 7);
  child = fork();
  NEED(child >= 0);
  if (child == 0) {
    while (seen[0] == 0) nap();
    seen[1] = lseek(file, 2, SEEK_CUR);
    _exit(0);
  }
}

void verify(void) {
  CHECK_EQUAL(lseek(twin, 1, SEEK_CUR), 4);
  CHECK_EQUAL(lseek(other, 0, SEEK_CUR), 7);
  seen[0] = 1;
  int status = -1;
  CHECK_EQUAL(waitpid(child, &status, 0), child);
  CHECK_EQUAL(status, 0);
  CHECK_EQUAL(seen[1], 6);
  CHECK_EQUAL(lseek(file, 0, SEEK_CUR), 6);
}
