/* Memory: a registration for expedited memory barriers (membarrier) is kept. */
#include <linux/membarrier.h>
#include "../conformance.h"

static int barrier(int command) { return syscall(SYS_membarrier, command, 0, 0); }

void prepare(void) {
  NEED(barrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED) == 0);
}

void verify(void) {
  CHECK_EQUAL(barrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED), 0);
}
