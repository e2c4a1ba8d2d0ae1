/* Files: a file of /proc about a process that has ended stays open, and cannot be read. */
// except native: no process is made only to have ended
// except arm64: no process is made only to have ended
#include "../conformance.h"

static int file;

void prepare(void) {
  char path[64];
  pid_t child = fork();
  if (child == 0)
    for (;;) pause();
  snprintf(path, sizeof path, "/proc/%d/stat", child);
  file = open(path, O_RDONLY);
  NEED(file >= 0);
  NEED(kill(child, SIGKILL) == 0);
  NEED(waitpid(child, NULL, 0) == child);
}

void verify(void) {
  char byte;
  CHECK_EQUAL(read(file, &byte, 1), -1);
  CHECK_EQUAL(errno, ESRCH);
}
