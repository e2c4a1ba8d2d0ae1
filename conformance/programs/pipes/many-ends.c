/* Pipes: several descriptions of each end, with flags of their own, in two processes. */
#include "../conformance.h"

static int ends[2], second_reader, second_writer;
static pid_t child;

void prepare(void) {
  char path[32];
  NEED(pipe(ends) == 0);
  snprintf(path, sizeof path, "/proc/self/fd/%d", ends[0]);
  second_reader = open(path, O_RDONLY | O_NONBLOCK);
  snprintf(path, sizeof path, "/proc/self/fd/%d", ends[1]);
  second_writer = open(path, O_WRONLY | O_NONBLOCK);
  NEED(second_reader >= 0 && second_writer >= 0);
  child = fork();
  NEED(child >= 0);
  if (child == 0) {
    char text[8] = "";
    close(ends[1]);
    close(second_writer);
    _exit(read(ends[0], text, sizeof text) == 5 && strcmp(text, "hello") == 0 ? 0 : 1);
  }
}

void verify(void) {
  int status = -1;
  char byte;
  CHECK(fcntl(second_reader, F_GETFL) & O_NONBLOCK);
  CHECK_EQUAL(fcntl(ends[0], F_GETFL) & O_NONBLOCK, 0);
  CHECK_EQUAL(write(second_writer, "hello", 5), 5);
  CHECK_EQUAL(waitpid(child, &status, 0), child);
  CHECK_EQUAL(status, 0);
  close(ends[1]);
  CHECK_EQUAL(read(second_reader, &byte, 1), -1);
  CHECK_EQUAL(errno, EAGAIN);
  close(second_writer);
  CHECK_EQUAL(read(second_reader, &byte, 1), 0);
}
