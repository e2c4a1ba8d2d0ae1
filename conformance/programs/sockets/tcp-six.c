/* TCP: IPv6 sockets keep IPV6_V6ONLY, and take connections of both kinds where they may. */
#include "inet.h"

static int only, both;

static int listen_six(int port, int v6only) {
  int listener = socket(AF_INET6, SOCK_STREAM, 0);
  struct sockaddr_in6 address = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
  NEED(listener >= 0 && setsockopt(listener, IPPROTO_IPV6, IPV6_V6ONLY, &v6only, sizeof v6only) == 0);
  NEED(bind(listener, (struct sockaddr *)&address, sizeof address) == 0 && listen(listener, 3) == 0);
  return listener;
}

void prepare(void) {
  only = listen_six(8080, 1);
  both = listen_six(8081, 0);
}

void verify(void) {
  CHECK_EQUAL(option_of(only, IPPROTO_IPV6, IPV6_V6ONLY), 1);
  CHECK_EQUAL(option_of(both, IPPROTO_IPV6, IPV6_V6ONLY), 0);
  CHECK_EQUAL(connect_to(8080), -1);
  CHECK(connect_to(8081) >= 0);
}
