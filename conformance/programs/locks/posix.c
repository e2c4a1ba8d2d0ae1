/* Locks: POSIX locks (fcntl) of ranges, for reading and writing, are held afterwards, by the process that held them. */
#include "../conformance.h"

static int file;
static pid_t child;
static volatile int *seen;

static void lock(int type, off_t start, off_t length) {
  struct flock range = {.l_type = type, .l_whence = SEEK_SET, .l_start = start, .l_len = length};
  NEED(fcntl(file, F_SETLK, &range) == 0);
}

/* Asked by the child, to whom the locks do not belong. */
static int holder(int type, off_t start, off_t length) {
  struct flock range = {.l_type = type, .l_whence = SEEK_SET, .l_start = start, .l_len = length};
  if (fcntl(file, F_GETLK, &range) != 0) return -1;
  return range.l_type == F_UNLCK ? 0 : range.l_pid;
}

void prepare(void) {
  seen = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  NEED(seen != MAP_FAILED);
  file = open("/tmp/data", O_RDWR | O_CREAT, 0600);
  NEED(file >= 0);
  child = fork();
  NEED(child >= 0);
  if (child == 0) {
    /* A description of its own: CRIU forgets the child's locks where it shares the parent's (discard_dup_locks_tail). */
    close(file);
    file = open("/tmp/data", O_RDWR);
    struct flock own = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 1000, .l_len = 1};
    if (fcntl(file, F_SETLK, &own) != 0) _exit(1);
    seen[7] = 1;
    while (seen[0] == 0) nap();
    seen[1] = holder(F_WRLCK, 0, 10);
    seen[2] = holder(F_RDLCK, 100, 10);
    seen[3] = holder(F_WRLCK, 100, 10);
    seen[4] = holder(F_WRLCK, 500, 1);
    seen[5] = holder(F_RDLCK, 1 << 30, 0);
    _exit(0);
  }
  lock(F_WRLCK, 0, 10);
  lock(F_RDLCK, 100, 10);
  lock(F_WRLCK, 1 << 20, 0);
  while (seen[7] == 0) nap();
}

void verify(void) {
  int status = -1;
  CHECK_EQUAL(holder(F_WRLCK, 1000, 1), child);
  seen[0] = 1;
  CHECK_EQUAL(waitpid(child, &status, 0), child);
  CHECK_EQUAL(status, 0);
  CHECK_EQUAL(seen[1], getpid());
  CHECK_EQUAL(seen[2], 0);
  CHECK_EQUAL(seen[3], getpid());
  CHECK_EQUAL(seen[4], 0);
  CHECK_EQUAL(seen[5], getpid());
}
