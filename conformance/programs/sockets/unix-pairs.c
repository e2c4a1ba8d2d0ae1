/* UNIX sockets: connected pairs of all types keep what waits in them, with its boundaries. */
#include "inet.h"

static int stream[2], datagram[2], packet[2];

void prepare(void) {
  NEED(socketpair(AF_UNIX, SOCK_STREAM, 0, stream) == 0);
  NEED(socketpair(AF_UNIX, SOCK_DGRAM, 0, datagram) == 0);
  NEED(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, packet) == 0);
  NEED(write(stream[0], "to the other", 12) == 12 && write(stream[1], "back", 4) == 4);
  NEED(write(datagram[0], "one", 3) == 3 && write(datagram[0], "second", 6) == 6);
  NEED(write(packet[1], "first", 5) == 5 && write(packet[1], "2", 1) == 1);
}

void verify(void) {
  char text[32];
  CHECK(reads(stream[1], "to the other") && reads(stream[0], "back"));
  CHECK_EQUAL(read(datagram[1], text, sizeof text), 3);
  CHECK_EQUAL(read(datagram[1], text, sizeof text), 6);
  CHECK(memcmp(text, "second", 6) == 0);
  CHECK_EQUAL(read(packet[0], text, sizeof text), 5);
  CHECK_EQUAL(read(packet[0], text, sizeof text), 1);
  CHECK_EQUAL(write(stream[0], "again", 5), 5);
  CHECK(reads(stream[1], "again"));
  close(packet[0]);
  CHECK_EQUAL(read(packet[1], text, sizeof text), 0);
}
