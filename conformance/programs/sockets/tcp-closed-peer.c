/* TCP: what a peer has sent before it closed its end can be read, and then the end. */
#include "inet.h"

static int server;

void prepare(void) {
  int listener = listen_on(8080, 7);
  int client = connect_to(8080);
  server = accept(listener, NULL, NULL);
  NEED(write(client, "last words", 10) == 10);
  NEED(close(client) == 0);
}

void verify(void) {
  char byte;
  CHECK(reads(server, "last words"));
  CHECK_EQUAL(read(server, &byte, 1), 0);
}
