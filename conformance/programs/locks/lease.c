/* Locks: a lease (F_SETLEASE) is held afterwards, and its holder is told when somebody opens the file. */
#include "../conformance.h"

static int file;
static volatile sig_atomic_t told;

static void handle(int signal) {
  (void)signal;
  told++;
}

void prepare(void) {
  struct sigaction action = {.sa_handler = handle, .sa_flags = SA_RESTART};
  NEED(sigaction(SIGIO, &action, NULL) == 0);
  file = open("/tmp/data", O_RDONLY | O_CREAT, 0600);
  NEED(file >= 0);
  NEED(fcntl(file, F_SETLEASE, F_RDLCK) == 0);
}

void verify(void) {
  CHECK_EQUAL(fcntl(file, F_GETLEASE), F_RDLCK);
  told = 0;
  CHECK_EQUAL(open("/tmp/data", O_WRONLY | O_NONBLOCK), -1);
  CHECK_EQUAL(errno, EWOULDBLOCK);
  EVENTUALLY(told > 0);
  CHECK_EQUAL(fcntl(file, F_SETLEASE, F_UNLCK), 0);
  CHECK(open("/tmp/data", O_WRONLY | O_NONBLOCK) >= 0);
}
