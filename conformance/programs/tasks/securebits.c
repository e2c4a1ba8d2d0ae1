/* Credentials: securebits are kept. */
#include <linux/securebits.h>
#include "../conformance.h"

static const int bits = SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_NO_SETUID_FIXUP;

void prepare(void) {
  NEED(prctl(PR_SET_SECUREBITS, bits) == 0);
}

void verify(void) {
  CHECK_EQUAL(prctl(PR_GET_SECUREBITS), bits);
}
