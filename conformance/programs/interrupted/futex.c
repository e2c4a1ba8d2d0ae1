/* System calls: a wait on a condition with a time-out (futex) is woken. */

#include "waits.h"

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
static int set;

static long wait_for_it(void) {
  struct timespec time;
  clock_gettime(CLOCK_REALTIME, &time);
  time.tv_sec += 60;
  int result = 0;
  pthread_mutex_lock(&mutex);
  while (!set && result == 0) result = pthread_cond_timedwait(&condition, &mutex, &time);
  pthread_mutex_unlock(&mutex);
  return result == 0;
}

void prepare(void) {

  begin_waiting();
}

void verify(void) {
  CHECK_EQUAL(waited, 0);
  pthread_mutex_lock(&mutex);
  set = 1;
  pthread_cond_signal(&condition);
  pthread_mutex_unlock(&mutex);
  end_waiting();
}
