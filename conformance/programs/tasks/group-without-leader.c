/* Processes: a process stays in a process group whose leader has ended. */
#include "../conformance.h"

static volatile pid_t *shared;
static pid_t leader, member;

void prepare(void) {
  shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  leader = fork();
  if (leader == 0) {
    while (shared[0] == 0) nap();
    _exit(0);
  }
  NEED(setpgid(leader, leader) == 0);
  member = fork();
  if (member == 0) {
    while (shared[1] == 0) nap();
    shared[2] = getpgid(0);
    _exit(0);
  }
  NEED(setpgid(member, leader) == 0);
  shared[0] = 1;
  waitpid(leader, NULL, 0);
}

void verify(void) {
  CHECK_EQUAL(getpgid(member), leader);
  shared[1] = 1;
  CHECK_EQUAL(waitpid(-leader, NULL, 0), member);
  CHECK_EQUAL(shared[2], leader);
}
