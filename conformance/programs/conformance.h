/*
 * What every conformance program is made of: prepare() makes kernel objects and is done before the container is frozen;
 * verify() looks at them after the move. Between them main() sleeps until the file /c/go appears.
 * The first line of a program is a comment "Title: what it shows."
 */
#ifndef CONFORMANCE_H
#define CONFORMANCE_H

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/types.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

void prepare(void);
void verify(void);

/* Appends a line to the result. Safe in any process or thread of the program. */
static void report(const char *format, ...) {
  char line[512];
  va_list arguments;
  va_start(arguments, format);
  int length = vsnprintf(line, sizeof line - 1, format, arguments);
  va_end(arguments);
  if (length > (int)sizeof line - 2) length = sizeof line - 2;
  line[length++] = '\n';
  extern int conformance_result;
  if (write(conformance_result, line, length) != length) _exit(98);
}

/* In verify(): what must hold after the move. */
#define CHECK(condition) \
  do { \
    if (!(condition)) report("%s:%d: %s (errno %d)", __FILE_NAME__, __LINE__, #condition, errno); \
  } while (0)
/* In verify(): two integers that must be equal. */
#define CHECK_EQUAL(found, expected) \
  do { \
    long long found_ = (long long)(found), expected_ = (long long)(expected); \
    if (found_ != expected_) \
      report("%s:%d: %s is %lld, not %lld (errno %d)", __FILE_NAME__, __LINE__, #found, found_, expected_, errno); \
  } while (0)
/* In prepare(): what the kernel must offer; else the program can't be run here, and says so. */
#define NEED(condition) \
  do { \
    if (!(condition)) { \
      report("unavailable: %s: %s", #condition, strerror(errno)); \
      exit(97); \
    } \
  } while (0)

/* Sleeps a little; the call is one that is interrupted by every dump. */
static void nap(void) {
  struct timespec time = {0, 10 * 1000 * 1000};
  nanosleep(&time, NULL);
}

/* Waits up to five seconds until the condition holds; emulated machines are slow. */
#define EVENTUALLY(condition) \
  do { \
    for (int tries_ = 0; tries_ < 500 && !(condition); tries_++) nap(); \
    CHECK(condition); \
  } while (0)

#ifndef CONFORMANCE_OWN_MAIN
int conformance_result = -1;

static void conformance_wait(void) {
  while (access("/c/go", F_OK) != 0) nap();
}

int main(void) {
  /* A number that no program uses, and O_APPEND, since several processes may write. */
  int file = open("/c/lines", O_WRONLY | O_CREAT | O_APPEND, 0666);
  conformance_result = fcntl(file, F_DUPFD_CLOEXEC, 200);
  close(file);
  prepare();
  close(open("/c/ready", O_WRONLY | O_CREAT, 0666));
  conformance_wait();
  verify();
  close(open("/c/done", O_WRONLY | O_CREAT, 0666));
  /* Until the container is ended: what the program holds stays to be looked at. */
  for (;;) pause();
}
#endif
#endif
