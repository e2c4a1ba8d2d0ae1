/* UNIX sockets: a listening socket whose file was removed keeps its connections. */
#include "inet.h"

static int listener, client, server;
static struct sockaddr_un path = {AF_UNIX, "/tmp/socket"};

void prepare(void) {
  listener = socket(AF_UNIX, SOCK_STREAM, 0);
  client = socket(AF_UNIX, SOCK_STREAM, 0);
  NEED(bind(listener, (struct sockaddr *)&path, sizeof path) == 0 && listen(listener, 3) == 0);
  NEED(connect(client, (struct sockaddr *)&path, sizeof path) == 0);
  server = accept(listener, NULL, NULL);
  NEED(unlink("/tmp/socket") == 0);
}

void verify(void) {
  struct sockaddr_un found = {0};
  socklen_t length = sizeof found;
  CHECK_EQUAL(write(client, "hello", 5), 5);
  CHECK(reads(server, "hello"));
  CHECK_EQUAL(getsockname(listener, (struct sockaddr *)&found, &length), 0);
  CHECK(strcmp(found.sun_path, "/tmp/socket") == 0);
  CHECK_EQUAL(access("/tmp/socket", F_OK), -1);
}
