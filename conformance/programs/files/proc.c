/* Files: open files of /proc, of the process itself, of its child and of the kernel, can be read anew. */
// except criu: it writes a slash behind the name of a folder of /proc/<pid> (check_path_remap), and what follows it is chance
#include "../conformance.h"

static int own, folder, childs, kernel, threads;
static pid_t child;

static pthread_t thread;
static volatile int thread_id;

static void *run(void *nothing) {
  (void)nothing;
  thread_id = syscall(SYS_gettid);
  for (;;) pause();
  return NULL;
}

void prepare(void) {
  char path[64];
  child = fork();
  NEED(child >= 0);
  if (child == 0)
    for (;;) pause();
  own = open("/proc/self/status", O_RDONLY);
  folder = open("/proc/self", O_RDONLY | O_DIRECTORY);
  snprintf(path, sizeof path, "/proc/%d/stat", child);
  childs = open(path, O_RDONLY);
  kernel = open("/proc/meminfo", O_RDONLY);
  NEED(pthread_create(&thread, NULL, run, NULL) == 0);
  while (thread_id == 0) nap();
  snprintf(path, sizeof path, "/proc/self/task/%d/stat", thread_id);
  threads = open(path, O_RDONLY);
  NEED(threads >= 0);
  NEED(own >= 0 && folder >= 0 && childs >= 0 && kernel >= 0);
}

static void check_contains(int file, const char *expected) {
  static char text[65536];
  ssize_t length = pread(file, text, sizeof text - 1, 0);
  CHECK(length > 0);
  text[length > 0 ? length : 0] = 0;
  if (strstr(text, expected) == NULL) report("no %s in %.100s", expected, text);
}

void verify(void) {
  char expected[64];
  check_contains(own, "Pid:\t1\n");
  check_contains(kernel, "MemTotal:");
  snprintf(expected, sizeof expected, "%d (", child);
  check_contains(childs, expected);
  snprintf(expected, sizeof expected, "%d (", thread_id);
  check_contains(threads, expected);
  CHECK_EQUAL(faccessat(folder, "status", F_OK, 0), 0);
}
