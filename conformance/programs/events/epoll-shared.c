/* Events: parent and child share one epoll, and what it watches. */
#include "../conformance.h"
#include <sys/epoll.h>

static int epoll, ends[2];
static pid_t child;
static volatile int *go;

void prepare(void) {
  go = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  NEED(go != MAP_FAILED);
  struct epoll_event event = {.events = EPOLLIN, .data.u64 = 5};
  epoll = epoll_create1(0);
  NEED(pipe(ends) == 0);
  NEED(epoll_ctl(epoll, EPOLL_CTL_ADD, ends[0], &event) == 0);
  child = fork();
  NEED(child >= 0);
  if (child == 0) {
    while (*go == 0) nap();
    _exit(epoll_wait(epoll, &event, 1, 2000) == 1 && event.data.u64 == 5 ? 0 : 1);
  }
}

void verify(void) {
  struct epoll_event event = {0};
  int status = -1;
  CHECK_EQUAL(write(ends[1], "x", 1), 1);
  CHECK_EQUAL(epoll_wait(epoll, &event, 1, 1000), 1);
  *go = 1;
  CHECK_EQUAL(waitpid(child, &status, 0), child);
  CHECK_EQUAL(status, 0);
}
