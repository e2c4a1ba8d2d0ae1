/* Files: the flags of a description stay: O_NONBLOCK, O_SYNC, O_DSYNC, O_NOATIME, O_DIRECT, and which way it is open. */
#include "../conformance.h"

static const int flags[] = {O_RDONLY,           O_WRONLY | O_NONBLOCK, O_RDWR | O_SYNC,
                            O_WRONLY | O_DSYNC, O_RDONLY | O_NOATIME,  O_RDWR | O_DIRECT};
enum { COUNT = sizeof flags / sizeof *flags };
static int files[COUNT], before[COUNT];

/* Without O_LARGEFILE, which says nothing on 64-bit machines. */
static int flags_of(int index) { return fcntl(files[index], F_GETFL) & ~0100000; }

void prepare(void) {
  close(open("/tmp/file", O_WRONLY | O_CREAT, 0600));
  for (int index = 0; index < COUNT; index++) {
    files[index] = open("/tmp/file", flags[index] | (index % 2 ? O_CLOEXEC : 0));
    NEED(files[index] >= 0);
    before[index] = flags_of(index);
  }
}

void verify(void) {
  for (int index = 0; index < COUNT; index++) {
    CHECK_EQUAL(flags_of(index), before[index]);
    CHECK_EQUAL(fcntl(files[index], F_GETFD), index % 2 ? FD_CLOEXEC : 0);
  }
}
