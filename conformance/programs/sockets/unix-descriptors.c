/* UNIX sockets: descriptors that were passed and not yet received arrive. */
#include "inet.h"

static int ends[2], pipe_ends[2];

void prepare(void) {
  NEED(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0 && pipe(pipe_ends) == 0);
  int file = open("/tmp/passed", O_RDWR | O_CREAT, 0600);
  NEED(write(file, "content", 7) == 7 && lseek(file, 3, SEEK_SET) == 3);
  int passed[] = {file, pipe_ends[1]};
  char room[CMSG_SPACE(sizeof passed)] = "", byte = 'x';
  struct iovec part = {&byte, 1};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = room, .msg_controllen = sizeof room};
  struct cmsghdr *control = CMSG_FIRSTHDR(&message);
  control->cmsg_level = SOL_SOCKET;
  control->cmsg_type = SCM_RIGHTS;
  control->cmsg_len = CMSG_LEN(sizeof passed);
  memcpy(CMSG_DATA(control), passed, sizeof passed);
  NEED(sendmsg(ends[0], &message, 0) == 1);
  close(file);
  close(pipe_ends[1]);
}

void verify(void) {
  int received[2] = {-1, -1};
  char room[CMSG_SPACE(sizeof received)] = "", byte = 0;
  struct iovec part = {&byte, 1};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = room, .msg_controllen = sizeof room};
  CHECK_EQUAL(recvmsg(ends[1], &message, 0), 1);
  struct cmsghdr *control = CMSG_FIRSTHDR(&message);
  CHECK(control != NULL && control->cmsg_type == SCM_RIGHTS);
  if (control == NULL) return;
  memcpy(received, CMSG_DATA(control), sizeof received);
  CHECK(reads(received[0], "tent"));
  CHECK_EQUAL(write(received[1], "through", 7), 7);
  CHECK(reads(pipe_ends[0], "through"));
}
