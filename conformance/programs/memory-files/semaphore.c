/* Memory files: a named POSIX semaphore (sem_open) lets a child in after the move. */
#include "../conformance.h"
#include <semaphore.h>

static sem_t *semaphore;
static pid_t child;

void prepare(void) {
  semaphore = sem_open("/semaphore", O_CREAT, 0600, 1);
  NEED(semaphore != SEM_FAILED);
  NEED(sem_wait(semaphore) == 0);
  child = fork();
  NEED(child >= 0);
  if (child == 0) {
    sem_t *own = sem_open("/semaphore", 0);
    if (own == SEM_FAILED) _exit(1);
    while (sem_wait(own) != 0)
      if (errno != EINTR) _exit(2);
    _exit(0);
  }
  nap();
}

void verify(void) {
  int value = -1, status = -1;
  CHECK_EQUAL(sem_getvalue(semaphore, &value), 0);
  CHECK_EQUAL(value, 0);
  CHECK_EQUAL(waitpid(child, &status, WNOHANG), 0);
  CHECK_EQUAL(sem_post(semaphore), 0);
  CHECK_EQUAL(waitpid(child, &status, 0), child);
  CHECK_EQUAL(status, 0);
  sem_t *again = sem_open("/semaphore", 0);
  CHECK(again == semaphore || again != SEM_FAILED);
}
