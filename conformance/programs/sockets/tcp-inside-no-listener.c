/* TCP: connections within the container go on when nobody listens on their port any more. */
#include "inet.h"

static int clients[3], servers[3];

void prepare(void) {
  int listener = listen_on(8080, 7);
  for (int index = 0; index < 3; index++) {
    clients[index] = connect_to(8080);
    servers[index] = accept(listener, NULL, NULL);
    NEED(clients[index] >= 0 && servers[index] >= 0);
  }
  close(listener);
}

void verify(void) {
  for (int index = 0; index < 3; index++) {
    CHECK_EQUAL(write(clients[index], "abc" + index, 1), 1);
    char byte = 0;
    CHECK_EQUAL(read(servers[index], &byte, 1), 1);
    CHECK_EQUAL(byte, 'a' + index);
  }
  CHECK_EQUAL(connect_to(8080), -1);
}
