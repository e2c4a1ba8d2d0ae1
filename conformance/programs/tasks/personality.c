/* Processes: the execution domain (personality) is kept. */
#include <sys/personality.h>
#include "../conformance.h"

void prepare(void) {
  NEED(personality(ADDR_NO_RANDOMIZE) >= 0);
}

void verify(void) {
  CHECK_EQUAL(personality(0xffffffff), ADDR_NO_RANDOMIZE);
}
