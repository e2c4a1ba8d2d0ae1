/* Credentials: capabilities and the bounding set are as they were, none beyond. */
#include <linux/capability.h>
#include "../conformance.h"

static struct __user_cap_data_struct before[2];
static int bounding[41];

static void get(struct __user_cap_data_struct *data) {
  struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  syscall(SYS_capget, &header, data);
}

void prepare(void) {
  struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  NEED(prctl(PR_CAPBSET_DROP, CAP_MKNOD) == 0);
  get(before);
  before[0].effective &= ~(1 << CAP_KILL);
  before[0].permitted &= ~((1 << CAP_AUDIT_WRITE & 31) | 1 << CAP_NET_RAW);
  before[0].effective &= before[0].permitted;
  before[0].inheritable = 1 << CAP_CHOWN;
  NEED(syscall(SYS_capset, &header, before) == 0);
  NEED(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_CHOWN, 0, 0) == 0);
  get(before);
  for (int index = 0; index <= 40; index++) bounding[index] = prctl(PR_CAPBSET_READ, index);
}

void verify(void) {
  struct __user_cap_data_struct after[2];
  get(after);
  for (int word = 0; word < 2; word++) {
    CHECK_EQUAL(after[word].effective, before[word].effective);
    CHECK_EQUAL(after[word].permitted, before[word].permitted);
    CHECK_EQUAL(after[word].inheritable, before[word].inheritable);
  }
  for (int index = 0; index <= 40; index++) CHECK_EQUAL(prctl(PR_CAPBSET_READ, index), bounding[index]);
  CHECK_EQUAL(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, CAP_CHOWN, 0, 0), 1);
}
