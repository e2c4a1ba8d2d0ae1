/*
 * Keeps state in threads and tells it over HTTP: threads that take turns by condition variables, each with storage of
 * its own, one that sleeps, one that waits until it is released, and a table on the heap.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { workers = 3, entries = 50000, most_kept = 100 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t turn_changed = PTHREAD_COND_INITIALIZER, released_changed = PTHREAD_COND_INITIALIZER;
static long turns, ticks, turns_of[workers], own_of[workers], kept[most_kept];
static int count_kept, released, waited, broken;
static char **table;

/* Thread-local storage, initialised and not: musl finds it by the register FS. */
static __thread long own_turns;
static __thread char own_name[16] = "none";

static void nap(long milliseconds) {
  struct timespec time = {0, milliseconds * 1000000};
  while (nanosleep(&time, &time) == -1 && errno == EINTR);
}

_Noreturn static void *work(void *argument) {
  long me = (long)argument;
  snprintf(own_name, sizeof own_name, "worker %ld", me);
  for (;;) {
    pthread_mutex_lock(&lock);
    while (turns % workers != me) pthread_cond_wait(&turn_changed, &lock);
    char expected[16];
    snprintf(expected, sizeof expected, "worker %ld", me);
    if (strcmp(own_name, expected) != 0 || own_turns != turns_of[me]) broken = 1;
    turns_of[me]++;
    own_of[me] = ++own_turns;
    turns++;
    pthread_cond_broadcast(&turn_changed);
    pthread_mutex_unlock(&lock);
    nap(10);
  }
}

_Noreturn static void *tick(void *argument) {
  (void)argument;
  for (;;) {
    nap(50);
    pthread_mutex_lock(&lock);
    ticks++;
    pthread_mutex_unlock(&lock);
  }
}

static void *wait_for_release(void *argument) {
  pthread_mutex_lock(&lock);
  while (!released) pthread_cond_wait(&released_changed, &lock);
  waited = *(int *)argument;
  pthread_mutex_unlock(&lock);
  return NULL;
}

static uint64_t checksum(void) {
  uint64_t sum = 14695981039346656037u;
  for (int entry = 0; entry < entries; entry++)
    for (const char *at = table[entry]; *at != 0; at++) sum = (sum ^ (unsigned char)*at) * 1099511628211u;
  return sum;
}

static void answer(int client) {
  char request[1024] = "", body[8192];
  ssize_t length = read(client, request, sizeof request - 1);
  if (length <= 0) return;
  request[length] = 0;
  long number;
  pthread_mutex_lock(&lock);
  if (sscanf(request, "GET /keep/%ld", &number) == 1 && count_kept < most_kept) kept[count_kept++] = number;
  if (strncmp(request, "GET /release ", 13) == 0) {
    released = 1;
    pthread_cond_broadcast(&released_changed);
  }
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  int size = snprintf(body, sizeof body,
    "{\"checksum\":\"%016llx\",\"ticks\":%ld,\"turns\":%ld,\"own\":[%ld,%ld,%ld],\"waited\":%d,\"broken\":%d,\"monotonic\":%ld.%03ld,\"kept\":[",
    (unsigned long long)checksum(), ticks, turns, own_of[0], own_of[1], own_of[2], waited, broken, now.tv_sec, now.tv_nsec / 1000000);
  for (int index = 0; index < count_kept; index++)
    size += snprintf(body + size, sizeof body - size, "%s%ld", index == 0 ? "" : ",", kept[index]);
  size += snprintf(body + size, sizeof body - size, "]}");
  pthread_mutex_unlock(&lock);
  dprintf(client, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s", size, body);
}

static void must_start(void *(*run)(void *), void *argument) {
  pthread_t thread;
  if (pthread_create(&thread, NULL, run, argument) != 0) exit(1);
}

int main(void) {
  table = malloc(entries * sizeof *table);
  for (int entry = 0; entry < entries; entry++)
    if (asprintf(&table[entry], "entry %d squared %lld", entry, (long long)entry * entry) < 0) return 1;
  for (long worker = 0; worker < workers; worker++) must_start(work, (void *)worker);
  int secret = 42; /* on the first thread's stack */
  must_start(tick, NULL);
  must_start(wait_for_release, &secret);
  int listener = socket(AF_INET, SOCK_STREAM, 0), yes = 1;
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(8080)};
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0 || listen(listener, 16) != 0) return 1;
  for (;;) {
    int client = accept(listener, NULL, NULL);
    if (client < 0) continue;
    answer(client);
    close(client);
  }
}
