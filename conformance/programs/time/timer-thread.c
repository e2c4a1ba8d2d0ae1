/* Timers: a POSIX timer that signals one thread (SIGEV_THREAD_ID) signals that thread. */
// except arm64: qemu-user numbers these timers otherwise than the kernel, so the program would not find its own
#include "../conformance.h"

static volatile pid_t signalled;
static pid_t wanted;
static volatile int ready, stop;
static timer_t timer;

static void handle(int signal) {
  (void)signal;
  signalled = gettid();
}

static void *work(void *argument) {
  wanted = gettid();
  ready = 1;
  while (!stop) nap();
  return argument;
}

void prepare(void) {
  pthread_t thread;
  signal(SIGUSR1, handle);
  NEED(pthread_create(&thread, NULL, work, NULL) == 0);
  while (!ready) nap();
  struct sigevent event = {.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGUSR1};
  event._sigev_un._tid = wanted;
  NEED(timer_create(CLOCK_MONOTONIC, &event, &timer) == 0);
}

void verify(void) {
  struct itimerspec soon = {{0, 0}, {0, 10000000}};
  CHECK_EQUAL(timer_settime(timer, 0, &soon, NULL), 0);
  EVENTUALLY(signalled == wanted);
  stop = 1;
}
