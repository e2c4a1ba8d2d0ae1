/* Threads: mutexes, conditions, reader-writer locks, barriers and semaphores work on, with who waits for them. */
#include <semaphore.h>
#include "../conformance.h"

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER, held = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
static pthread_rwlock_t readers = PTHREAD_RWLOCK_INITIALIZER;
static pthread_barrier_t barrier;
static sem_t semaphore;
static int wanted, woken, counts[4];
static pthread_t threads[4];

static void *wait_condition(void *argument) {
  pthread_mutex_lock(&mutex);
  while (!wanted) pthread_cond_wait(&condition, &mutex);
  woken++;
  pthread_mutex_unlock(&mutex);
  return argument;
}
static void *wait_mutex(void *argument) {
  pthread_mutex_lock(&held);
  counts[1]++;
  pthread_mutex_unlock(&held);
  return argument;
}
static void *wait_writer(void *argument) {
  pthread_rwlock_wrlock(&readers);
  counts[2]++;
  pthread_rwlock_unlock(&readers);
  pthread_barrier_wait(&barrier);
  return argument;
}
static void *wait_semaphore(void *argument) {
  while (sem_wait(&semaphore) != 0) continue;
  counts[3]++;
  return argument;
}

void prepare(void) {
  pthread_barrier_init(&barrier, NULL, 2);
  sem_init(&semaphore, 0, 0);
  pthread_mutex_lock(&held);
  pthread_rwlock_rdlock(&readers);
  void *(*functions[])(void *) = {wait_condition, wait_mutex, wait_writer, wait_semaphore};
  for (int index = 0; index < 4; index++) NEED(pthread_create(&threads[index], NULL, functions[index], NULL) == 0);
  for (int index = 0; index < 10; index++) nap();
}

void verify(void) {
  CHECK_EQUAL(woken + counts[1] + counts[2] + counts[3], 0);
  pthread_mutex_lock(&mutex);
  wanted = 1;
  pthread_cond_broadcast(&condition);
  pthread_mutex_unlock(&mutex);
  pthread_mutex_unlock(&held);
  pthread_rwlock_unlock(&readers);
  pthread_barrier_wait(&barrier);
  sem_post(&semaphore);
  for (int index = 0; index < 4; index++) CHECK_EQUAL(pthread_join(threads[index], NULL), 0);
  CHECK(woken == 1 && counts[1] == 1 && counts[2] == 1 && counts[3] == 1);
}
