/* memfd: seals stay: against growing, shrinking, writing and more seals. */
#include "../conformance.h"

static int open_, grown, closed;

void prepare(void) {
  open_ = memfd_create("open", MFD_ALLOW_SEALING);
  grown = memfd_create("grown", MFD_ALLOW_SEALING);
  closed = memfd_create("closed", 0);
  NEED(open_ >= 0 && grown >= 0 && closed >= 0);
  NEED(write(grown, "text", 4) == 4);
  NEED(fcntl(grown, F_ADD_SEALS, F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_WRITE | F_SEAL_SEAL) == 0);
}

void verify(void) {
  char text[8] = "";
  CHECK_EQUAL(fcntl(open_, F_GET_SEALS), 0);
  CHECK_EQUAL(fcntl(closed, F_GET_SEALS), F_SEAL_SEAL);
  CHECK_EQUAL(fcntl(grown, F_GET_SEALS), F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_WRITE | F_SEAL_SEAL);
  CHECK_EQUAL(pread(grown, text, 8, 0), 4);
  CHECK(strcmp(text, "text") == 0);
  CHECK_EQUAL(pwrite(grown, "x", 1, 0), -1);
  CHECK_EQUAL(errno, EPERM);
  CHECK_EQUAL(ftruncate(grown, 2), -1);
  CHECK_EQUAL(fcntl(closed, F_ADD_SEALS, F_SEAL_WRITE), -1);
  CHECK_EQUAL(fcntl(open_, F_ADD_SEALS, F_SEAL_SHRINK), 0);
}
