/* Memory files: thousands of files in a tmpfs, and a process more. */
#include "../conformance.h"

/* The program that makes them anew must fit below 0x400000: how far above it the heap begins, chance decides. */
enum { COUNT = 2000 };

void prepare(void) {
  char path[64];
  for (int number = 0; number < COUNT; number++) {
    snprintf(path, sizeof path, "/dev/shm/file-%d", number);
    int file = open(path, O_RDWR | O_CREAT, 0600);
    NEED(write(file, &number, sizeof number) == sizeof number);
    NEED(close(file) == 0);
  }
  pid_t child = fork();
  NEED(child >= 0);
  if (child == 0)
    for (;;) pause();
}

void verify(void) {
  char path[64];
  int wrong = 0;
  for (int number = 0; number < COUNT; number++) {
    int found = -1;
    snprintf(path, sizeof path, "/dev/shm/file-%d", number);
    int file = open(path, O_RDONLY);
    if (read(file, &found, sizeof found) != sizeof found || found != number) wrong++;
    close(file);
  }
  CHECK_EQUAL(wrong, 0);
}
