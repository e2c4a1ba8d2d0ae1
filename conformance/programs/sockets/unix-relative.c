/* UNIX sockets: a socket that was bound by a path relative to the working directory is found there. */
#include "inet.h"

static int listener;

void prepare(void) {
  struct sockaddr_un path = {AF_UNIX, "socket"};
  NEED(mkdir("/tmp/here", 0700) == 0 && chdir("/tmp/here") == 0);
  listener = socket(AF_UNIX, SOCK_STREAM, 0);
  NEED(bind(listener, (struct sockaddr *)&path, sizeof path) == 0 && listen(listener, 3) == 0);
}

void verify(void) {
  struct sockaddr_un found = {0}, full = {AF_UNIX, "/tmp/here/socket"};
  socklen_t length = sizeof found;
  CHECK_EQUAL(getsockname(listener, (struct sockaddr *)&found, &length), 0);
  CHECK(strcmp(found.sun_path, "socket") == 0);
  int client = socket(AF_UNIX, SOCK_STREAM, 0);
  CHECK_EQUAL(connect(client, (struct sockaddr *)&full, sizeof full), 0);
  CHECK(accept(listener, NULL, NULL) >= 0);
}
