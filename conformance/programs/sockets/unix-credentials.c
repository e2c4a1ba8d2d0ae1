/* UNIX sockets: SO_PASSCRED stays set, and messages tell who sent them. */
#include "inet.h"

static int ends[2];

void prepare(void) {
  int one = 1;
  NEED(socketpair(AF_UNIX, SOCK_DGRAM, 0, ends) == 0);
  NEED(setsockopt(ends[1], SOL_SOCKET, SO_PASSCRED, &one, sizeof one) == 0);
}

void verify(void) {
  char room[CMSG_SPACE(sizeof(struct ucred))] = "", byte = 0;
  struct iovec part = {&byte, 1};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = room, .msg_controllen = sizeof room};
  CHECK_EQUAL(option_of(ends[1], SOL_SOCKET, SO_PASSCRED), 1);
  CHECK_EQUAL(write(ends[0], "x", 1), 1);
  CHECK_EQUAL(recvmsg(ends[1], &message, 0), 1);
  struct cmsghdr *control = CMSG_FIRSTHDR(&message);
  CHECK(control != NULL && control->cmsg_type == SCM_CREDENTIALS);
  if (control != NULL) CHECK_EQUAL(((struct ucred *)CMSG_DATA(control))->pid, getpid());
}
