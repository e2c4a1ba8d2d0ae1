/* Processes: a changed root directory (chroot) is kept. */
#include "../conformance.h"

static pid_t child;
static volatile int *shared;

void prepare(void) {
  shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  NEED(mkdir("/tmp/jail", 0755) == 0 && mkdir("/tmp/jail/inside", 0755) == 0);
  child = fork();
  if (child == 0) {
    shared[3] = chroot("/tmp/jail") == 0 && chdir("/inside") == 0;
    shared[0] = 1;
    while (shared[1] == 0) nap();
    char path[64] = "";
    shared[2] = access("/inside", F_OK) == 0 && access("/program", F_OK) != 0 && getcwd(path, sizeof path) != NULL &&
                strcmp(path, "/inside") == 0;
    _exit(0);
  }
  while (shared[0] == 0) nap();
  NEED(shared[3] == 1);
}

void verify(void) {
  CHECK_EQUAL(access("/program", F_OK), 0);
  shared[1] = 1;
  waitpid(child, NULL, 0);
  CHECK_EQUAL(shared[2], 1);
}
