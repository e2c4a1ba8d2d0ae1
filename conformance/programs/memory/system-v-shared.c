/* Memory: a System V shared memory segment keeps its key, id, mode and bytes, and stays shared. */
#include <sys/ipc.h>
#include "../conformance.h"
#include <sys/shm.h>

#define KEY 0x4d494752
static int id;
static volatile int *here;
static pid_t child;

void prepare(void) {
  id = shmget(KEY, 10000, IPC_CREAT | IPC_EXCL | 0640);
  NEED(id >= 0);
  here = shmat(id, NULL, 0);
  NEED(here != (void *)-1);
  here[1000] = 77;
  child = fork();
  if (child == 0) {
    while (here[0] == 0) nap();
    here[1] = here[1000] + 1;
    _exit(0);
  }
}

void verify(void) {
  struct shmid_ds info;
  CHECK_EQUAL(shmget(KEY, 0, 0), id);
  CHECK_EQUAL(shmctl(id, IPC_STAT, &info), 0);
  CHECK_EQUAL(info.shm_segsz, 10000);
  CHECK_EQUAL(info.shm_perm.mode & 0777, 0640);
  CHECK_EQUAL(info.shm_nattch, 2);
  CHECK_EQUAL(here[1000], 77);
  here[1000] = 80;
  here[0] = 1;
  int status = -1;
  CHECK_EQUAL(waitpid(child, &status, 0), child);
  CHECK_EQUAL(here[1], 81);
  int *second = shmat(id, NULL, SHM_RDONLY);
  CHECK(second != (void *)-1 && second[1000] == 80);
}
