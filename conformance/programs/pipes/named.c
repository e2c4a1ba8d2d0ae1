/* Pipes: a named pipe that is open on both sides, in two processes, keeps what is in it. */
#include "../conformance.h"

static int writer;
static pid_t child;
static volatile int *go;

void prepare(void) {
  go = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  NEED(go != MAP_FAILED);
  NEED(mkfifo("/tmp/fifo", 0600) == 0);
  child = fork();
  NEED(child >= 0);
  if (child == 0) {
    char text[16] = "";
    int reader = open("/tmp/fifo", O_RDONLY);
    while (*go == 0) nap();
    if (read(reader, text, 7) != 7 || strcmp(text, "waiting") != 0) _exit(1);
    if (read(reader, text, sizeof text) != 4) _exit(2);
    _exit(0);
  }
  writer = open("/tmp/fifo", O_WRONLY);
  NEED(writer >= 0);
  NEED(write(writer, "waiting", 7) == 7);
}

void verify(void) {
  int status = -1;
  CHECK_EQUAL(write(writer, "more", 4), 4);
  *go = 1;
  CHECK_EQUAL(waitpid(child, &status, 0), child);
  CHECK_EQUAL(status, 0);
  int again = open("/tmp/fifo", O_RDWR | O_NONBLOCK);
  CHECK_EQUAL(write(writer, "x", 1), 1);
  char byte;
  CHECK_EQUAL(read(again, &byte, 1), 1);
}
