/* System V: a set of semaphores keeps its key, id and values. */
#include <sys/ipc.h>
#include "../conformance.h"
#include <sys/sem.h>

#define KEY 0x4d494753
static int id;
union semun { int val; struct semid_ds *buf; unsigned short *array; };

void prepare(void) {
  id = semget(KEY, 3, IPC_CREAT | IPC_EXCL | 0600);
  NEED(id >= 0);
  unsigned short values[] = {5, 0, 7};
  NEED(semctl(id, 0, SETALL, (union semun){.array = values}) == 0);
}

void verify(void) {
  CHECK_EQUAL(semget(KEY, 3, 0), id);
  unsigned short values[3] = {0};
  CHECK_EQUAL(semctl(id, 0, GETALL, (union semun){.array = values}), 0);
  CHECK(values[0] == 5 && values[1] == 0 && values[2] == 7);
  struct sembuf operation = {2, -7, IPC_NOWAIT};
  CHECK_EQUAL(semop(id, &operation, 1), 0);
  CHECK_EQUAL(semctl(id, 2, GETVAL), 0);
}
