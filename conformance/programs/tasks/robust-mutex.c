/* Threads: a robust mutex tells the next one that its owner has died. */
// except arm64: qemu-user has no set_robust_list
#include "../conformance.h"

static pthread_mutex_t mutex;
static volatile int stop;
static pthread_t thread;

static void *die(void *argument) {
  pthread_mutex_lock(&mutex);
  while (!stop) nap();
  return argument;
}

void prepare(void) {
  pthread_mutexattr_t attributes;
  pthread_mutexattr_init(&attributes);
  pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
  pthread_mutex_init(&mutex, &attributes);
  NEED(pthread_create(&thread, NULL, die, NULL) == 0);
  for (int index = 0; index < 5; index++) nap();
}

void verify(void) {
  stop = 1;
  pthread_join(thread, NULL);
  CHECK_EQUAL(pthread_mutex_lock(&mutex), EOWNERDEAD);
}
