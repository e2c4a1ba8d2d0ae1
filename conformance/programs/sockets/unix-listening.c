/* UNIX sockets: listening sockets with a path or an abstract name take connections; established ones go on. */
#include <stddef.h>
#include "inet.h"

static int by_path, abstract, client, server;
static struct sockaddr_un path = {AF_UNIX, "/tmp/socket"}, name = {AF_UNIX, "\0abstract"};
static const socklen_t name_length = offsetof(struct sockaddr_un, sun_path) + 9;

void prepare(void) {
  by_path = socket(AF_UNIX, SOCK_STREAM, 0);
  abstract = socket(AF_UNIX, SOCK_SEQPACKET, 0);
  NEED(bind(by_path, (struct sockaddr *)&path, sizeof path) == 0 && listen(by_path, 3) == 0);
  NEED(chmod(path.sun_path, 0640) == 0);
  NEED(bind(abstract, (struct sockaddr *)&name, name_length) == 0 && listen(abstract, 3) == 0);
  client = socket(AF_UNIX, SOCK_STREAM, 0);
  NEED(connect(client, (struct sockaddr *)&path, sizeof path) == 0);
  server = accept(by_path, NULL, NULL);
  NEED(write(client, "waiting", 7) == 7);
}

void verify(void) {
  struct stat status;
  struct sockaddr_un found = {0};
  socklen_t length = sizeof found;
  CHECK(reads(server, "waiting"));
  CHECK_EQUAL(getpeername(client, (struct sockaddr *)&found, &length), 0);
  CHECK(strcmp(found.sun_path, "/tmp/socket") == 0);
  CHECK_EQUAL(stat("/tmp/socket", &status), 0);
  CHECK_EQUAL(status.st_mode & 0777, 0640);
  int next = socket(AF_UNIX, SOCK_STREAM, 0);
  CHECK_EQUAL(connect(next, (struct sockaddr *)&path, sizeof path), 0);
  int other = socket(AF_UNIX, SOCK_SEQPACKET, 0);
  CHECK_EQUAL(connect(other, (struct sockaddr *)&name, name_length), 0);
  CHECK(accept(by_path, NULL, NULL) >= 0 && accept(abstract, NULL, NULL) >= 0);
}
