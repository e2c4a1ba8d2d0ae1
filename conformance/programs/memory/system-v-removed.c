/* Memory: a System V shared memory segment that is marked for removal stays until the last one detaches. */
#include <sys/ipc.h>
#include "../conformance.h"
#include <sys/shm.h>

static int id;
static char *memory;

void prepare(void) {
  id = shmget(IPC_PRIVATE, 4096, 0600);
  memory = shmat(id, NULL, 0);
  NEED(memory != (void *)-1);
  strcpy(memory, "kept");
  NEED(shmctl(id, IPC_RMID, NULL) == 0);
}

void verify(void) {
  struct shmid_ds info;
  CHECK(strcmp(memory, "kept") == 0);
  CHECK_EQUAL(shmctl(id, IPC_STAT, &info), 0);
  CHECK_EQUAL(info.shm_perm.mode & SHM_DEST, SHM_DEST);
  CHECK_EQUAL(shmdt(memory), 0);
  CHECK_EQUAL(shmctl(id, IPC_STAT, &info), -1);
}
