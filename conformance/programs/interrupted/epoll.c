/* System calls: epoll_wait() waits on for an event. */
#include <sys/epoll.h>
#include "waits.h"

static int ends[2], epoll;

static long wait_for_it(void) {
  struct epoll_event event = {0};
  int result;
  /* Freezing interrupts this call, also without a dump. */
  while ((result = epoll_wait(epoll, &event, 1, -1)) == -1 && errno == EINTR) continue;
  return result == 1 && event.data.u64 == 0x123456789abcdef;
}

void prepare(void) {
  struct epoll_event event = {.events = EPOLLIN, .data.u64 = 0x123456789abcdef};
  NEED(pipe(ends) == 0 && (epoll = epoll_create1(0)) >= 0);
  NEED(epoll_ctl(epoll, EPOLL_CTL_ADD, ends[0], &event) == 0);
  begin_waiting();
}

void verify(void) {
  CHECK_EQUAL(write(ends[1], "x", 1), 1);
  end_waiting();
}
