/* Events: a pidfd still means its process: it can be signalled, and tells when the process has ended. */
#include "../conformance.h"
#include <poll.h>

static int child_descriptor, own;
static pid_t child;

void prepare(void) {
  child = fork();
  NEED(child >= 0);
  if (child == 0)
    for (;;) pause();
  child_descriptor = syscall(SYS_pidfd_open, child, 0);
  own = syscall(SYS_pidfd_open, getpid(), 0);
  NEED(child_descriptor >= 0 && own >= 0);
}

void verify(void) {
  int status = 0;
  struct pollfd ready = {.fd = child_descriptor, .events = POLLIN};
  CHECK_EQUAL(poll(&ready, 1, 0), 0);
  CHECK_EQUAL(syscall(SYS_pidfd_send_signal, own, 0, NULL, 0), 0);
  CHECK_EQUAL(syscall(SYS_pidfd_send_signal, child_descriptor, SIGKILL, NULL, 0), 0);
  CHECK_EQUAL(poll(&ready, 1, 5000), 1);
  CHECK_EQUAL(waitpid(child, &status, 0), child);
  CHECK_EQUAL(WTERMSIG(status), SIGKILL);
}
