/* Events: an eventfd that counts down by one (EFD_SEMAPHORE) does so afterwards. */
// except criu: it does not know the flag
#include "../conformance.h"
#include <sys/eventfd.h>

static int semaphore;

void prepare(void) {
  semaphore = eventfd(3, EFD_SEMAPHORE | EFD_NONBLOCK);
  NEED(semaphore >= 0);
}

void verify(void) {
  uint64_t value = 0;
  for (int times = 0; times < 3; times++) {
    CHECK_EQUAL(read(semaphore, &value, 8), 8);
    CHECK_EQUAL(value, 1);
  }
  CHECK_EQUAL(read(semaphore, &value, 8), -1);
}
