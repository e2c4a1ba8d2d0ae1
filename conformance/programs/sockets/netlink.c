/* Netlink: a routing socket with its port and groups answers on. */
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include "inet.h"

static int routes;
static struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_groups = RTMGRP_LINK};

void prepare(void) {
  address.nl_pid = 4321;
  routes = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  NEED(routes >= 0 && bind(routes, (struct sockaddr *)&address, sizeof address) == 0);
}

void verify(void) {
  struct sockaddr_nl found = {0};
  socklen_t length = sizeof found;
  CHECK_EQUAL(getsockname(routes, (struct sockaddr *)&found, &length), 0);
  CHECK_EQUAL(found.nl_pid, 4321);
  CHECK_EQUAL(found.nl_groups, RTMGRP_LINK);
  struct { struct nlmsghdr header; struct rtgenmsg message; } request = {
    {sizeof request, RTM_GETLINK, NLM_F_REQUEST | NLM_F_DUMP, 1, 0}, {AF_UNSPEC}};
  CHECK_EQUAL(send(routes, &request, sizeof request, 0), (long)sizeof request);
  char answer[8192];
  CHECK(recv(routes, answer, sizeof answer, 0) > (long)sizeof(struct nlmsghdr));
  CHECK_EQUAL(((struct nlmsghdr *)answer)->nlmsg_type, RTM_NEWLINK);
}
