/* UDP: a packet filter (SO_ATTACH_FILTER) stays in force. */
#include <linux/filter.h>
#include "inet.h"

static int server;

void prepare(void) {
  /* Only datagrams that begin with 'y' (behind the UDP header of 8 bytes). */
  struct sock_filter code[] = {
    BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 8),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 'y', 0, 1),
    BPF_STMT(BPF_RET | BPF_K, 0xffff),
    BPF_STMT(BPF_RET | BPF_K, 0),
  };
  struct sock_fprog filter = {4, code};
  struct sockaddr_in address = loopback(5300);
  server = socket(AF_INET, SOCK_DGRAM, 0);
  NEED(bind(server, (struct sockaddr *)&address, sizeof address) == 0);
  NEED(setsockopt(server, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter) == 0);
}

void verify(void) {
  struct sockaddr_in address = loopback(5300);
  int client = socket(AF_INET, SOCK_DGRAM, 0);
  char text[8] = "";
  CHECK_EQUAL(sendto(client, "no", 2, 0, (struct sockaddr *)&address, sizeof address), 2);
  CHECK_EQUAL(sendto(client, "yes", 3, 0, (struct sockaddr *)&address, sizeof address), 3);
  CHECK_EQUAL(recv(server, text, sizeof text, 0), 3);
  CHECK(strcmp(text, "yes") == 0);
}
