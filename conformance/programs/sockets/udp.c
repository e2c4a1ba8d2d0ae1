/* UDP: bound and connected sockets send and receive on. */
#include "inet.h"

static int server, client;

void prepare(void) {
  struct sockaddr_in address = loopback(5300);
  server = socket(AF_INET, SOCK_DGRAM, 0);
  client = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
  int one = 1;
  NEED(setsockopt(server, SOL_SOCKET, SO_BROADCAST, &one, sizeof one) == 0);
  NEED(bind(server, (struct sockaddr *)&address, sizeof address) == 0);
  NEED(connect(client, (struct sockaddr *)&address, sizeof address) == 0);
}

void verify(void) {
  CHECK_EQUAL(port_of(server, 0), 5300);
  CHECK_EQUAL(port_of(client, 1), 5300);
  CHECK_EQUAL(send(client, "datagram", 8, 0), 8);
  CHECK(reads(server, "datagram"));
  CHECK_EQUAL(option_of(server, SOL_SOCKET, SO_BROADCAST), 1);
  CHECK(fcntl(client, F_GETFL) & O_NONBLOCK);
}
