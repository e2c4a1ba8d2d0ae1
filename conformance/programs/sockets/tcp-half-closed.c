/* TCP: a connection within the container of which one direction is shut down stays so. */
#include "inet.h"

static int client, server;

void prepare(void) {
  int listener = listen_on(8080, 7);
  client = connect_to(8080);
  server = accept(listener, NULL, NULL);
  NEED(write(client, "last", 4) == 4);
  NEED(shutdown(client, SHUT_WR) == 0);
}

void verify(void) {
  char byte;
  CHECK(reads(server, "last"));
  CHECK_EQUAL(read(server, &byte, 1), 0);
  CHECK_EQUAL(write(server, "answer", 6), 6);
  CHECK(reads(client, "answer"));
  signal(SIGPIPE, SIG_IGN);
  CHECK_EQUAL(write(client, "x", 1), -1);
}
