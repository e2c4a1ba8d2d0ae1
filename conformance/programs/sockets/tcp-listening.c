/* TCP: a listening socket takes connections, and one that is only bound keeps its port. */
#include "inet.h"

static int listener, bound;

void prepare(void) {
  listener = listen_on(8080, 7);
  bound = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in address = loopback(8081);
  NEED(bind(bound, (struct sockaddr *)&address, sizeof address) == 0);
}

void verify(void) {
  int client = connect_to(8080);
  CHECK(client >= 0);
  int server = accept(listener, NULL, NULL);
  CHECK(server >= 0);
  CHECK_EQUAL(write(client, "hello", 5), 5);
  CHECK(reads(server, "hello"));
  CHECK_EQUAL(option_of(listener, SOL_SOCKET, SO_ACCEPTCONN), 1);
  CHECK_EQUAL(port_of(bound, 0), 8081);
  CHECK_EQUAL(listen(bound, 1), 0);
  CHECK(connect_to(8081) >= 0);
}
