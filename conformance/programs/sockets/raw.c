/* Raw sockets: an ICMP socket with its filter sends and receives on. */
#include <linux/icmp.h>
#include <netinet/ip.h>
#include "inet.h"

static int raw;

void prepare(void) {
  struct icmp_filter filter = {~(1U << ICMP_ECHOREPLY)};
  raw = socket(AF_INET, SOCK_RAW, IPPROTO_ICMP);
  NEED(raw >= 0 && setsockopt(raw, SOL_RAW, ICMP_FILTER, &filter, sizeof filter) == 0);
}

void verify(void) {
  struct icmphdr echo = {.type = ICMP_ECHO, .checksum = 0xfff7};
  struct sockaddr_in address = loopback(0);
  CHECK_EQUAL(sendto(raw, &echo, sizeof echo, 0, (struct sockaddr *)&address, sizeof address), (long)sizeof echo);
  /* Without the filter the first would be the request itself. */
  char answer[256];
  CHECK(recv(raw, answer, sizeof answer, 0) > 0);
  CHECK_EQUAL(((struct icmphdr *)(answer + 20))->type, ICMP_ECHOREPLY);
}
