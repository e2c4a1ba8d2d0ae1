/* For programs with network sockets over the loopback device. */
#include "../conformance.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

static struct sockaddr_in loopback(int port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

static int listen_on(int port, int backlog) {
  int one = 1, listener = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in address = loopback(port);
  NEED(setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) == 0);
  NEED(bind(listener, (struct sockaddr *)&address, sizeof address) == 0 && listen(listener, backlog) == 0);
  return listener;
}

static int connect_to(int port) {
  int client = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in address = loopback(port);
  return connect(client, (struct sockaddr *)&address, sizeof address) == 0 ? client : -1;
}

static int port_of(int socket, int peer) {
  struct sockaddr_in address = {0};
  socklen_t length = sizeof address;
  int failed = peer ? getpeername(socket, (struct sockaddr *)&address, &length) : getsockname(socket, (struct sockaddr *)&address, &length);
  return failed ? -1 : ntohs(address.sin_port);
}

static int option_of(int socket, int level, int name) {
  int value = -1;
  socklen_t length = sizeof value;
  return getsockopt(socket, level, name, &value, &length) == 0 ? value : -1;
}

static int reads(int socket, const char *expected) {
  char found[64] = "";
  int length = strlen(expected), count = 0;
  while (count < length) {
    int more = read(socket, found + count, length - count);
    if (more <= 0) break;
    count += more;
  }
  return count == length && memcmp(found, expected, length) == 0;
}
