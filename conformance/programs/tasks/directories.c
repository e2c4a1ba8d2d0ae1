/* Processes: each has its own working directory. */
#include "../conformance.h"

static pid_t child;
static volatile int *shared;

void prepare(void) {
  shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  NEED(mkdir("/tmp/one", 0700) == 0 && mkdir("/tmp/two", 0700) == 0);
  NEED(chdir("/tmp/one") == 0);
  child = fork();
  if (child == 0) {
    char path[64] = "";
    shared[3] = chdir("/tmp/two");
    shared[0] = 1;
    while (shared[1] == 0) nap();
    shared[2] = getcwd(path, sizeof path) != NULL && strcmp(path, "/tmp/two") == 0;
    _exit(0);
  }
  while (shared[0] == 0) nap();
}

void verify(void) {
  char path[64] = "";
  CHECK(getcwd(path, sizeof path) != NULL && strcmp(path, "/tmp/one") == 0);
  close(open("here", O_CREAT | O_WRONLY, 0600));
  CHECK_EQUAL(access("/tmp/one/here", F_OK), 0);
  shared[1] = 1;
  waitpid(child, NULL, 0);
  CHECK_EQUAL(shared[2], 1);
}
