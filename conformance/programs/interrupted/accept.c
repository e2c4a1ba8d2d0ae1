/* System calls: accept() waits on for a connection. */
#include <netinet/in.h>
#include "waits.h"

static int listener;
static struct sockaddr_in address = {.sin_family = AF_INET};

static long wait_for_it(void) {
  return accept(listener, NULL, NULL) >= 0;
}

void prepare(void) {
  socklen_t length = sizeof address;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  listener = socket(AF_INET, SOCK_STREAM, 0);
  NEED(bind(listener, (struct sockaddr *)&address, length) == 0 && listen(listener, 5) == 0);
  NEED(getsockname(listener, (struct sockaddr *)&address, &length) == 0);
  begin_waiting();
}

void verify(void) {
  CHECK_EQUAL(waited, 0);
  int client = socket(AF_INET, SOCK_STREAM, 0);
  CHECK_EQUAL(connect(client, (struct sockaddr *)&address, sizeof address), 0);
  end_waiting();
}
