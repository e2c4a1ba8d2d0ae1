/* UDP: an IPv6 socket that is bound to loopback sends and receives on. */
#include "inet.h"

static int server, client;
static struct sockaddr_in6 address = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};

void prepare(void) {
  address.sin6_port = htons(5300);
  server = socket(AF_INET6, SOCK_DGRAM, 0);
  client = socket(AF_INET6, SOCK_DGRAM, 0);
  NEED(bind(server, (struct sockaddr *)&address, sizeof address) == 0);
}

void verify(void) {
  CHECK_EQUAL(sendto(client, "datagram", 8, 0, (struct sockaddr *)&address, sizeof address), 8);
  CHECK(reads(server, "datagram"));
}
