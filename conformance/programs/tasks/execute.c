/* Processes: further programs can be executed, the program itself by /proc/self/exe too. */
#define CONFORMANCE_OWN_MAIN
#include "../conformance.h"

int conformance_result = -1;

void prepare(void) {}

static int run(const char *path) {
  pid_t child = fork();
  if (child == 0) {
    execl(path, "again", "seven", (char *)NULL);
    _exit(99);
  }
  int status = -1;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void verify(void) {
  CHECK_EQUAL(run("/program"), 7);
  CHECK_EQUAL(run("/proc/self/exe"), 7);
}

int main(int count, char **arguments) {
  if (count == 2 && strcmp(arguments[0], "again") == 0 && strcmp(arguments[1], "seven") == 0) return 7;
  int file = open("/c/lines", O_WRONLY | O_CREAT | O_APPEND, 0666);
  conformance_result = fcntl(file, F_DUPFD_CLOEXEC, 200);
  close(file);
  close(open("/c/ready", O_WRONLY | O_CREAT, 0666));
  while (access("/c/go", F_OK) != 0) nap();
  verify();
  close(open("/c/done", O_WRONLY | O_CREAT, 0666));
  for (;;) pause();
}
