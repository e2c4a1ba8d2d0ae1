/* Events: epolls watch what they watched, in their ways: level, edge, once, one within another, with their data. */
#include "../conformance.h"
#include <sys/epoll.h>

static int outer, inner, level[2], edge[2], once[2];

static void watch(int epoll, int file, uint32_t events, uint64_t data) {
  struct epoll_event event = {.events = events, .data.u64 = data};
  NEED(epoll_ctl(epoll, EPOLL_CTL_ADD, file, &event) == 0);
}

void prepare(void) {
  outer = epoll_create1(EPOLL_CLOEXEC);
  inner = epoll_create1(0);
  NEED(pipe(level) == 0 && pipe(edge) == 0 && pipe(once) == 0);
  watch(inner, level[0], EPOLLIN, 0x123456789abcdef0ULL);
  watch(inner, edge[0], EPOLLIN | EPOLLET, 2);
  watch(inner, once[0], EPOLLIN | EPOLLONESHOT, 3);
  watch(outer, inner, EPOLLIN, 4);
}

static int wait_for(int epoll, uint64_t *data) {
  struct epoll_event events[4];
  int count = epoll_wait(epoll, events, 4, 200);
  for (int index = 0; index < count; index++) data[index] = events[index].data.u64;
  return count;
}

void verify(void) {
  uint64_t data[4] = {0};
  char byte;
  CHECK_EQUAL(fcntl(outer, F_GETFD), FD_CLOEXEC);
  CHECK_EQUAL(wait_for(outer, data), 0);
  CHECK_EQUAL(write(level[1], "x", 1), 1);
  CHECK_EQUAL(wait_for(outer, data), 1);
  CHECK_EQUAL(data[0], 4);
  CHECK_EQUAL(wait_for(inner, data), 1);
  CHECK(data[0] == 0x123456789abcdef0ULL);
  CHECK_EQUAL(wait_for(inner, data), 1);
  CHECK_EQUAL(read(level[0], &byte, 1), 1);
  CHECK_EQUAL(write(edge[1], "x", 1), 1);
  CHECK_EQUAL(wait_for(inner, data), 1);
  CHECK_EQUAL(data[0], 2);
  CHECK_EQUAL(wait_for(inner, data), 0);
  CHECK_EQUAL(write(once[1], "x", 1), 1);
  CHECK_EQUAL(wait_for(inner, data), 1);
  CHECK_EQUAL(data[0], 3);
  CHECK_EQUAL(write(once[1], "x", 1), 1);
  CHECK_EQUAL(wait_for(inner, data), 0);
  CHECK_EQUAL(epoll_ctl(inner, EPOLL_CTL_DEL, once[0], NULL), 0);
}
