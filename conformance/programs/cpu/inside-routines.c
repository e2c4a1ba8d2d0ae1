/* CPU: threads that do nothing but copy, search and compare big buffers are moved out of glibc's AVX-512 routines, and go on. */
#include "../conformance.h"

enum { size = 4 << 20, workers = 3 };
static volatile unsigned long rounds[workers];
static volatile int wrong;

static void *work(void *argument) {
  long self = (long)argument;
  char *from = malloc(size), *to = malloc(size);
  memset(from, 'a' + self, size);
  from[size - 1] = 0;
  for (;; rounds[self]++) {
    memcpy(to, from, size);
    if (strlen(to) != size - 1 || memcmp(to, from, size) != 0 || strchr(to, 'z') != NULL) wrong++;
  }
  return NULL;
}

void prepare(void) {
  pthread_t thread;
  for (long index = 0; index < workers; index++) NEED(pthread_create(&thread, NULL, work, (void *)index) == 0);
  for (int index = 0; index < workers; index++) while (rounds[index] < 1) nap();
}

void verify(void) {
  unsigned long before[workers];
  for (int index = 0; index < workers; index++) before[index] = rounds[index];
  for (int index = 0; index < workers; index++) {
    for (int tries = 0; tries < 3000 && rounds[index] < before[index] + 2; tries++) nap();
    CHECK(rounds[index] >= before[index] + 2);
  }
  CHECK_EQUAL(wrong, 0);
}
