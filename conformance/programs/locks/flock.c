/* Locks: whole files locked with flock(), shared and exclusively, stay so, by the description that a child shares. */
#include "../conformance.h"
#include <sys/file.h>

static int exclusive, shared, unlocked;
static pid_t child;
static volatile int *go;

void prepare(void) {
  go = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  NEED(go != MAP_FAILED);
  exclusive = open("/tmp/exclusive", O_RDWR | O_CREAT, 0600);
  shared = open("/tmp/shared", O_RDONLY | O_CREAT, 0600);
  unlocked = open("/tmp/unlocked", O_RDWR | O_CREAT, 0600);
  NEED(flock(exclusive, LOCK_EX) == 0);
  NEED(flock(shared, LOCK_SH) == 0);
  child = fork();
  NEED(child >= 0);
  if (child == 0) {
    while (*go == 0) nap();
    _exit(0);
  }
}

static int try_lock(const char *path, int how) {
  int file = open(path, O_RDWR);
  int result = flock(file, how | LOCK_NB) == 0 ? 0 : errno;
  close(file);
  return result;
}

void verify(void) {
  CHECK_EQUAL(try_lock("/tmp/exclusive", LOCK_SH), EWOULDBLOCK);
  CHECK_EQUAL(try_lock("/tmp/shared", LOCK_SH), 0);
  CHECK_EQUAL(try_lock("/tmp/shared", LOCK_EX), EWOULDBLOCK);
  CHECK_EQUAL(try_lock("/tmp/unlocked", LOCK_EX), 0);
  /* The child has the description, too, so that closing it here does not unlock the file. */
  close(exclusive);
  CHECK_EQUAL(try_lock("/tmp/exclusive", LOCK_SH), EWOULDBLOCK);
  *go = 1;
  CHECK_EQUAL(waitpid(child, NULL, 0), child);
  CHECK_EQUAL(try_lock("/tmp/exclusive", LOCK_EX), 0);
}
