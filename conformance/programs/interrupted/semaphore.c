/* System calls: semop() on a System V semaphore waits on. */
#include <sys/sem.h>
#include "waits.h"

static int id;

static long wait_for_it(void) {
  struct sembuf take = {0, -1, 0};
  int result;
  while ((result = semop(id, &take, 1)) == -1 && errno == EINTR) continue;
  return result == 0;
}

void prepare(void) {
  id = semget(IPC_PRIVATE, 1, 0600);
  NEED(id >= 0);
  begin_waiting();
}

void verify(void) {
  CHECK_EQUAL(waited, 0);
  struct sembuf give = {0, 1, 0};
  CHECK_EQUAL(semop(id, &give, 1), 0);
  end_waiting();
}
