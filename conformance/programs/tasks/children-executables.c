/* Processes: each process of a tree knows its own executable, though another program's. */
// lost arm64: qemu-user tells every process of a tree the first one's executable
#define CONFORMANCE_OWN_MAIN
#include "../conformance.h"

int conformance_result = -1;
static pid_t child;

void prepare(void) {}

void verify(void) {
  char name[64], path[64] = "";
  snprintf(name, sizeof name, "/proc/%d/exe", child);
  kill(child, SIGUSR1);
  int status = -1;
  CHECK_EQUAL(waitpid(child, &status, 0), child);
  CHECK_EQUAL(WEXITSTATUS(status), 0);
  CHECK_EQUAL(readlink("/proc/self/exe", path, sizeof path - 1), 8);
}

static volatile int asked;
static void handle(int signal) { asked = signal; }

int main(int count, char **arguments) {
  if (count == 2 && strcmp(arguments[0], "child") == 0) {
    char path[64] = "";
    signal(SIGUSR1, handle);
    close(open("/tmp/child-ready", O_WRONLY | O_CREAT, 0600));
    while (!asked) nap();
    if (readlink("/proc/self/exe", path, sizeof path - 1) != 10 || strcmp(path, "/tmp/other") != 0) _exit(1);
    _exit(0);
  }
  int file = open("/c/lines", O_WRONLY | O_CREAT | O_APPEND, 0666);
  conformance_result = fcntl(file, F_DUPFD_CLOEXEC, 200);
  close(file);
  int from = open("/program", O_RDONLY), to = open("/tmp/other", O_WRONLY | O_CREAT, 0755);
  char buffer[65536];
  for (int size; (size = read(from, buffer, sizeof buffer)) > 0;) NEED(write(to, buffer, size) == size);
  close(from);
  close(to);
  child = fork();
  if (child == 0) {
    execl("/tmp/other", "child", "x", (char *)NULL);
    _exit(99);
  }
  while (access("/tmp/child-ready", F_OK) != 0) nap();
  close(open("/c/ready", O_WRONLY | O_CREAT, 0666));
  while (access("/c/go", F_OK) != 0) nap();
  verify();
  close(open("/c/done", O_WRONLY | O_CREAT, 0666));
  for (;;) pause();
}
