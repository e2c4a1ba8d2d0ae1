/* Memory: a System V shared memory segment to which nobody is attached keeps its bytes. */
#include <sys/ipc.h>
#include "../conformance.h"
#include <sys/shm.h>

static int id;

void prepare(void) {
  /* The first segment goes, so that the second's id is not the first one that a new namespace gives. */
  int first = shmget(IPC_PRIVATE, 4096, 0600);
  id = shmget(IPC_PRIVATE, 3 * 4096, 0600);
  NEED(first >= 0 && id >= 0);
  char *memory = shmat(id, NULL, 0);
  strcpy(memory + 8192, "kept");
  NEED(shmdt(memory) == 0);
  NEED(shmctl(first, IPC_RMID, NULL) == 0);
}

void verify(void) {
  char *memory = shmat(id, NULL, 0);
  CHECK(memory != (void *)-1);
  if (memory != (void *)-1) CHECK(strcmp(memory + 8192, "kept") == 0);
}
