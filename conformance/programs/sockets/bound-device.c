/* UDP: a socket that is bound to a device stays so. */
#include "inet.h"

static int bound;

void prepare(void) {
  struct sockaddr_in address = loopback(5300);
  bound = socket(AF_INET, SOCK_DGRAM, 0);
  NEED(setsockopt(bound, SOL_SOCKET, SO_BINDTODEVICE, "lo", 3) == 0);
  NEED(bind(bound, (struct sockaddr *)&address, sizeof address) == 0);
}

void verify(void) {
  char name[16] = "";
  socklen_t length = sizeof name;
  /* qemu-user can set this option, but not tell it. */
  if (getsockopt(bound, SOL_SOCKET, SO_BINDTODEVICE, name, &length) == 0) CHECK(strcmp(name, "lo") == 0);
  CHECK_EQUAL(port_of(bound, 0), 5300);
}
