/* Signals: each thread has its own mask of blocked signals. */
#include "../conformance.h"

static pthread_t threads[3];
static volatile int stop, ready;
static const int signals[] = {SIGUSR1, SIGUSR2, 40};

static void *work(void *argument) {
  long index = (long)argument;
  sigset_t mask, now;
  sigemptyset(&mask);
  sigaddset(&mask, signals[index]);
  pthread_sigmask(SIG_SETMASK, &mask, NULL);
  __atomic_add_fetch(&ready, 1, __ATOMIC_SEQ_CST);
  while (!stop) nap();
  pthread_sigmask(SIG_SETMASK, NULL, &now);
  int right = 1;
  for (int other = 0; other < 3; other++) right &= sigismember(&now, signals[other]) == (other == index);
  return (void *)(long)right;
}

void prepare(void) {
  for (long index = 0; index < 3; index++) NEED(pthread_create(&threads[index], NULL, work, (void *)index) == 0);
  while (ready < 3) nap();
}

void verify(void) {
  sigset_t now;
  sigprocmask(SIG_SETMASK, NULL, &now);
  CHECK(!sigismember(&now, SIGUSR1) && !sigismember(&now, 40));
  stop = 1;
  for (int index = 0; index < 3; index++) {
    void *right = NULL;
    pthread_join(threads[index], &right);
    CHECK_EQUAL((long)right, 1);
  }
}
