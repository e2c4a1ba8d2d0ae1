/* TCP: options of a socket are kept. */
#include "inet.h"

static const struct { int level, name, value; } options[] = {
  {SOL_SOCKET, SO_REUSEADDR, 1}, {SOL_SOCKET, SO_REUSEPORT, 1}, {SOL_SOCKET, SO_KEEPALIVE, 1}, {SOL_SOCKET, SO_OOBINLINE, 1},
  {SOL_SOCKET, SO_RCVLOWAT, 5}, {IPPROTO_TCP, TCP_NODELAY, 1}, {IPPROTO_TCP, TCP_KEEPIDLE, 77},
  {IPPROTO_TCP, TCP_KEEPINTVL, 33}, {IPPROTO_TCP, TCP_KEEPCNT, 5}, {IPPROTO_IP, IP_TTL, 44}, {IPPROTO_IP, IP_TOS, 0x10},
  {IPPROTO_IP, IP_FREEBIND, 1}, {SOL_SOCKET, SO_PRIORITY, 3},
};
static int listener, size;

void prepare(void) {
  listener = socket(AF_INET, SOCK_STREAM, 0);
  for (unsigned index = 0; index < sizeof options / sizeof *options; index++)
    NEED(setsockopt(listener, options[index].level, options[index].name, &options[index].value, sizeof(int)) == 0);
  int wanted = 50000;
  struct linger linger = {1, 9};
  struct timeval time = {3, 0};
  NEED(setsockopt(listener, SOL_SOCKET, SO_SNDBUF, &wanted, sizeof wanted) == 0);
  NEED(setsockopt(listener, SOL_SOCKET, SO_LINGER, &linger, sizeof linger) == 0);
  NEED(setsockopt(listener, SOL_SOCKET, SO_SNDTIMEO, &time, sizeof time) == 0);
  size = option_of(listener, SOL_SOCKET, SO_SNDBUF);
  struct sockaddr_in address = loopback(8080);
  NEED(bind(listener, (struct sockaddr *)&address, sizeof address) == 0 && listen(listener, 3) == 0);
}

void verify(void) {
  for (unsigned index = 0; index < sizeof options / sizeof *options; index++)
    if (option_of(listener, options[index].level, options[index].name) != options[index].value)
      report("option %d of level %d is %d, not %d", options[index].name, options[index].level,
             option_of(listener, options[index].level, options[index].name), options[index].value);
  CHECK_EQUAL(option_of(listener, SOL_SOCKET, SO_SNDBUF), size);
  struct linger linger = {0};
  struct timeval time = {0};
  socklen_t length = sizeof linger;
  CHECK_EQUAL(getsockopt(listener, SOL_SOCKET, SO_LINGER, &linger, &length), 0);
  CHECK(linger.l_onoff == 1 && linger.l_linger == 9);
  length = sizeof time;
  CHECK_EQUAL(getsockopt(listener, SOL_SOCKET, SO_SNDTIMEO, &time, &length), 0);
  CHECK_EQUAL(time.tv_sec, 3);
}
