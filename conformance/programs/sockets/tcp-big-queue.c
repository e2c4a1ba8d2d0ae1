/* TCP: much data that waits in a connection within the container arrives once, whole and in order. */
#include "inet.h"

static int client, server;
static long sent;

void prepare(void) {
  int listener = listen_on(8080, 7);
  client = connect_to(8080);
  server = accept(listener, NULL, NULL);
  NEED(fcntl(client, F_SETFL, O_NONBLOCK) == 0);
  while (sent < 500000) {
    unsigned values[1024];
    for (int index = 0; index < 1024; index++) values[index] = sent / 4 + index;
    long count = write(client, (char *)values + sent % 4, sizeof values - sent % 4);
    if (count < 0) break;
    sent += count;
  }
  NEED(sent > 300000);
}

void verify(void) {
  shutdown(client, SHUT_WR);
  long received = 0, wrong = 0;
  unsigned char block[4096];
  for (long count; (count = read(server, block, sizeof block)) > 0;) {
    for (long index = 0; index < count; index++) {
      unsigned expected = (received + index) / 4;
      wrong += block[index] != ((unsigned char *)&expected)[(received + index) % 4];
    }
    received += count;
  }
  CHECK_EQUAL(received, sent);
  CHECK_EQUAL(wrong, 0);
}
