/* Events: an epoll goes on watching a file whose watched descriptor was closed while another is open. */
#include "../conformance.h"
#include <sys/epoll.h>

static int epoll, ends[2], twin;

void prepare(void) {
  struct epoll_event event = {.events = EPOLLIN, .data.u64 = 5};
  epoll = epoll_create1(0);
  NEED(pipe(ends) == 0);
  NEED(epoll_ctl(epoll, EPOLL_CTL_ADD, ends[0], &event) == 0);
  twin = dup(ends[0]);
  NEED(twin >= 0);
  NEED(close(ends[0]) == 0);
}

void verify(void) {
  struct epoll_event event = {0};
  CHECK_EQUAL(epoll_wait(epoll, &event, 1, 100), 0);
  CHECK_EQUAL(write(ends[1], "x", 1), 1);
  CHECK_EQUAL(epoll_wait(epoll, &event, 1, 1000), 1);
  CHECK_EQUAL(event.data.u64, 5);
}
