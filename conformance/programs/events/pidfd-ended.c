/* Events: a pidfd of a process that has ended and was waited for says so, in parent and child. */
#include "../conformance.h"
#include <poll.h>

static int descriptor;
static pid_t child;
static volatile int *seen;

static int is_over(void) {
  struct pollfd ready = {.fd = descriptor, .events = POLLIN};
  return poll(&ready, 1, 1000) == 1 && syscall(SYS_pidfd_send_signal, descriptor, 0, NULL, 0) == -1 && errno == ESRCH;
}

void prepare(void) {
  seen = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  NEED(seen != MAP_FAILED);
  pid_t ended = fork();
  if (ended == 0) _exit(3);
  descriptor = syscall(SYS_pidfd_open, ended, 0);
  NEED(descriptor >= 0);
  NEED(waitpid(ended, NULL, 0) == ended);
  child = fork();
  NEED(child >= 0);
  if (child == 0) {
    while (*seen == 0) nap();
    _exit(is_over() ? 0 : 1);
  }
}

void verify(void) {
  int status = -1;
  CHECK(is_over());
  CHECK_EQUAL(waitpid(-1, &status, WNOHANG), 0);
  *seen = 1;
  CHECK_EQUAL(waitpid(child, &status, 0), child);
  CHECK_EQUAL(status, 0);
}
