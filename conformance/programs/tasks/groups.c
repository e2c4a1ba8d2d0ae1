/* Credentials: supplementary groups are kept, also where a thread has its own. */
#include <grp.h>
#include "../conformance.h"

static const gid_t groups[] = {5, 70000, 12}, own[] = {77};
static pthread_t thread;
static volatile int stop, ready;

static int has(int count, const gid_t *expected) {
  gid_t found[8];
  if (getgroups(8, found) != count) return 0;
  for (int index = 0; index < count; index++) {
    int there = 0;
    for (int other = 0; other < count; other++) there |= found[index] == expected[other];
    if (!there) return 0;
  }
  return 1;
}

static void *with_own(void *argument) {
  syscall(SYS_setgroups, 1, own);
  ready = 1;
  while (!stop) nap();
  return has(1, own) ? argument : NULL;
}

void prepare(void) {
  NEED(setgroups(3, groups) == 0);
  NEED(pthread_create(&thread, NULL, with_own, (void *)groups) == 0);
  while (!ready) nap();
}

void verify(void) {
  void *right = NULL;
  CHECK(has(3, groups));
  stop = 1;
  pthread_join(thread, &right);
  CHECK(right != NULL);
}
