/* Terminals: a session keeps its controlling terminal though none of its processes has it open. */
#include "../conformance.h"
#include <pty.h>
#include <sys/ioctl.h>

static int master;
static pid_t leader;
static volatile int *seen;

void prepare(void) {
  int slave;
  seen = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  NEED(seen != MAP_FAILED);
  NEED(openpty(&master, &slave, NULL, NULL, NULL) == 0);
  leader = fork();
  NEED(leader >= 0);
  if (leader == 0) {
    close(master);
    setsid();
    if (ioctl(slave, TIOCSCTTY, 0) != 0) _exit(1);
    close(slave);
    seen[0] = 1;
    while (seen[1] == 0) nap();
    int terminal = open("/dev/tty", O_RDWR);
    _exit(terminal >= 0 && tcgetpgrp(terminal) == getpid() && write(terminal, "tty", 3) == 3 ? 0 : 2);
  }
  close(slave);
  while (seen[0] == 0) nap();
}

void verify(void) {
  int status = -1;
  seen[1] = 1;
  CHECK_EQUAL(waitpid(leader, &status, 0), leader);
  CHECK_EQUAL(status, 0);
}
