/* Packet sockets: a socket that is bound to the loopback device sees its packets. */
// except arm64: qemu-user does not bind packet sockets to a device
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include "inet.h"

static int packets;

void prepare(void) {
  struct sockaddr_ll address = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_IP)};
  address.sll_ifindex = if_nametoindex("lo");
  packets = socket(AF_PACKET, SOCK_DGRAM, htons(ETH_P_IP));
  NEED(packets >= 0 && bind(packets, (struct sockaddr *)&address, sizeof address) == 0);
}

void verify(void) {
  struct sockaddr_ll found = {0};
  socklen_t length = sizeof found;
  CHECK_EQUAL(getsockname(packets, (struct sockaddr *)&found, &length), 0);
  CHECK_EQUAL(found.sll_ifindex, (int)if_nametoindex("lo"));
  struct sockaddr_in address = loopback(5300);
  int sender = socket(AF_INET, SOCK_DGRAM, 0);
  CHECK_EQUAL(sendto(sender, "x", 1, 0, (struct sockaddr *)&address, sizeof address), 1);
  char packet[256];
  CHECK(recv(packets, packet, sizeof packet, 0) > 0);
}
