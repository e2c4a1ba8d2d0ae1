/* UNIX sockets: datagram sockets that send to a bound one go on sending, as to a log; what waits there is kept. */
#include "inet.h"

static int log_socket, senders[2], unconnected;
static struct sockaddr_un path = {AF_UNIX, "/tmp/log"};

void prepare(void) {
  log_socket = socket(AF_UNIX, SOCK_DGRAM, 0);
  unconnected = socket(AF_UNIX, SOCK_DGRAM, 0);
  NEED(bind(log_socket, (struct sockaddr *)&path, sizeof path) == 0);
  for (int index = 0; index < 2; index++) {
    senders[index] = socket(AF_UNIX, SOCK_DGRAM, 0);
    NEED(connect(senders[index], (struct sockaddr *)&path, sizeof path) == 0);
  }
  NEED(send(senders[0], "first", 5, 0) == 5 && send(senders[1], "second", 6, 0) == 6);
}

void verify(void) {
  char text[32];
  CHECK_EQUAL(read(log_socket, text, sizeof text), 5);
  CHECK_EQUAL(read(log_socket, text, sizeof text), 6);
  CHECK_EQUAL(send(senders[0], "third", 5, 0), 5);
  CHECK_EQUAL(read(log_socket, text, sizeof text), 5);
  CHECK(memcmp(text, "third", 5) == 0);
  CHECK_EQUAL(sendto(unconnected, "x", 1, 0, (struct sockaddr *)&path, sizeof path), 1);
}
