/* UNIX sockets: a connection that waits to be accepted, with what was sent, is accepted later. */
#include "inet.h"

static int listener, client;
static struct sockaddr_un path = {AF_UNIX, "/tmp/socket"};

void prepare(void) {
  listener = socket(AF_UNIX, SOCK_STREAM, 0);
  client = socket(AF_UNIX, SOCK_STREAM, 0);
  NEED(bind(listener, (struct sockaddr *)&path, sizeof path) == 0 && listen(listener, 3) == 0);
  NEED(connect(client, (struct sockaddr *)&path, sizeof path) == 0);
  NEED(write(client, "early", 5) == 5);
}

void verify(void) {
  int server = accept(listener, NULL, NULL);
  CHECK(server >= 0);
  CHECK(reads(server, "early"));
  CHECK_EQUAL(write(server, "answer", 6), 6);
  CHECK(reads(client, "answer"));
}
