/* Files: signal-driven I/O: owner (F_SETOWN), signal (F_SETSIG) and O_ASYNC of a socket and a pipe go on working. */
#include "../conformance.h"

static int ends[2], sockets[2];
static volatile sig_atomic_t descriptor, count;

static void handle(int signal, siginfo_t *information, void *context) {
  (void)signal, (void)context;
  descriptor = information->si_fd;
  count++;
}

static void drive(int file) {
  NEED(fcntl(file, F_SETOWN, getpid()) == 0);
  NEED(fcntl(file, F_SETSIG, SIGRTMIN + 3) == 0);
  NEED(fcntl(file, F_SETFL, fcntl(file, F_GETFL) | O_ASYNC | O_NONBLOCK) == 0);
}

void prepare(void) {
  struct sigaction action = {.sa_sigaction = handle, .sa_flags = SA_SIGINFO | SA_RESTART};
  NEED(sigaction(SIGRTMIN + 3, &action, NULL) == 0);
  NEED(pipe(ends) == 0);
  NEED(socketpair(AF_UNIX, SOCK_STREAM, 0, sockets) == 0);
  drive(ends[0]);
  drive(sockets[0]);
}

void verify(void) {
  CHECK_EQUAL(fcntl(ends[0], F_GETOWN), getpid());
  CHECK_EQUAL(fcntl(ends[0], F_GETSIG), SIGRTMIN + 3);
  CHECK(fcntl(ends[0], F_GETFL) & O_ASYNC);
  count = 0;
  CHECK_EQUAL(write(ends[1], "x", 1), 1);
  EVENTUALLY(count > 0);
  CHECK_EQUAL(descriptor, ends[0]);
  count = 0;
  CHECK_EQUAL(write(sockets[1], "x", 1), 1);
  EVENTUALLY(count > 0);
  CHECK_EQUAL(descriptor, sockets[0]);
}
