/* TCP: a connection within the container goes on, with its addresses and what neither side has read. */
#include "inet.h"

static int listener, client, server, port;

void prepare(void) {
  listener = listen_on(8080, 7);
  client = connect_to(8080);
  server = accept(listener, NULL, NULL);
  NEED(client >= 0 && server >= 0);
  port = port_of(client, 0);
  NEED(write(client, "to server", 9) == 9);
  NEED(write(server, "to client", 9) == 9);
}

void verify(void) {
  CHECK_EQUAL(port_of(client, 0), port);
  CHECK_EQUAL(port_of(client, 1), 8080);
  CHECK_EQUAL(port_of(server, 0), 8080);
  CHECK_EQUAL(port_of(server, 1), port);
  CHECK(reads(server, "to server"));
  CHECK(reads(client, "to client"));
  CHECK_EQUAL(write(client, "more", 4), 4);
  CHECK(reads(server, "more"));
  CHECK(connect_to(8080) >= 0);
  close(client);
  char byte;
  CHECK_EQUAL(read(server, &byte, 1), 0);
}
