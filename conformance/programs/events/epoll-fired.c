/* Events: a one-shot watch that has fired is silent until it is armed again. */
#include "../conformance.h"
#include <sys/epoll.h>

static int epoll, ends[2];

void prepare(void) {
  struct epoll_event event = {.events = EPOLLIN | EPOLLONESHOT, .data.u64 = 5};
  epoll = epoll_create1(0);
  NEED(pipe(ends) == 0);
  NEED(epoll_ctl(epoll, EPOLL_CTL_ADD, ends[0], &event) == 0);
  NEED(write(ends[1], "x", 1) == 1);
  NEED(epoll_wait(epoll, &event, 1, 1000) == 1);
}

void verify(void) {
  struct epoll_event event = {0};
  CHECK_EQUAL(epoll_wait(epoll, &event, 1, 100), 0);
  event.events = EPOLLIN | EPOLLONESHOT;
  event.data.u64 = 6;
  CHECK_EQUAL(epoll_ctl(epoll, EPOLL_CTL_MOD, ends[0], &event), 0);
  CHECK_EQUAL(epoll_wait(epoll, &event, 1, 1000), 1);
  CHECK_EQUAL(event.data.u64, 6);
}
