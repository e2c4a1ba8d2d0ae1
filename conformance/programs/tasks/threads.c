/* Threads: their ids, names and thread-local variables are kept, and they work on. */
#include "../conformance.h"

#define COUNT 6
static volatile int counts[COUNT], stop;
static pid_t ids[COUNT];
static pthread_t threads[COUNT];
static __thread int own;

static void *work(void *argument) {
  long index = (long)argument;
  char name[16];
  snprintf(name, sizeof name, "worker-%ld", index);
  pthread_setname_np(pthread_self(), name);
  own = 100 + index;
  ids[index] = gettid();
  while (!stop) {
    counts[index]++;
    nap();
  }
  char now[16] = "";
  pthread_getname_np(pthread_self(), now, sizeof now);
  return (void *)(long)(own == 100 + index && gettid() == ids[index] && strcmp(name, now) == 0);
}

void prepare(void) {
  for (long index = 0; index < COUNT; index++) NEED(pthread_create(&threads[index], NULL, work, (void *)index) == 0);
  for (int index = 0; index < COUNT; index++)
    while (counts[index] < 2) nap();
}

void verify(void) {
  for (int index = 0; index < COUNT; index++) {
    int before = counts[index];
    EVENTUALLY(counts[index] > before);
  }
  stop = 1;
  for (int index = 0; index < COUNT; index++) {
    void *right = NULL;
    CHECK_EQUAL(pthread_join(threads[index], &right), 0);
    CHECK_EQUAL((long)right, 1);
  }
  pthread_t next;
  CHECK_EQUAL(pthread_create(&next, NULL, work, (void *)0), 0);
  CHECK_EQUAL(pthread_join(next, NULL), 0);
}
