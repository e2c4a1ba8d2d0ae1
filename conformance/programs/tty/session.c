/* Terminals: a session keeps its controlling terminal and foreground group: ^C reaches the group, /dev/tty is the terminal. */
// except criu: it gives the terminal to the leader alone, after the others have been forked
#include "../conformance.h"
#include <pty.h>
#include <sys/ioctl.h>
#include <termios.h>

static int master;
static pid_t leader;
static volatile int *seen;
static volatile sig_atomic_t interrupts;

static void handle(int signal) {
  (void)signal;
  interrupts++;
}

static void lead(int slave) {
  setsid();
  if (ioctl(slave, TIOCSCTTY, 0) != 0) _exit(1);
  pid_t worker = fork();
  if (worker == 0) {
    signal(SIGINT, handle);
    setpgid(0, 0);
    seen[0] = getpid();
    while (interrupts == 0) nap();
    int terminal = open("/dev/tty", O_RDWR);
    seen[2] = tcgetpgrp(terminal) == getpid();
    seen[3] = write(terminal, "worker\n", 7);
    _exit(0);
  }
  signal(SIGTTOU, SIG_IGN);
  while (seen[0] == 0) nap();
  tcsetpgrp(slave, worker);
  seen[1] = 1;
  waitpid(worker, NULL, 0);
  _exit(0);
}

void prepare(void) {
  int slave;
  seen = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  NEED(seen != MAP_FAILED);
  NEED(openpty(&master, &slave, NULL, NULL, NULL) == 0);
  leader = fork();
  NEED(leader >= 0);
  if (leader == 0) {
    close(master);
    lead(slave);
  }
  close(slave);
  while (seen[1] == 0) nap();
}

void verify(void) {
  int group = 0, status = -1;
  char text[64] = "";
  CHECK_EQUAL(ioctl(master, TIOCGPGRP, &group), 0);
  CHECK_EQUAL(group, seen[0]);
  CHECK_EQUAL(write(master, "\003", 1), 1);
  CHECK_EQUAL(waitpid(leader, &status, 0), leader);
  CHECK_EQUAL(status, 0);
  CHECK_EQUAL(seen[2], 1);
  CHECK_EQUAL(seen[3], 7);
  ssize_t length = 0;
  while (length < 8) {
    ssize_t more = read(master, text + length, sizeof text - 1 - length);
    if (more <= 0) break;
    length += more;
  }
  CHECK(strstr(text, "worker") != NULL);
}
