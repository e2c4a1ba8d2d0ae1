/* Processes: /proc/self tells of the program: its executable, command line and name. */
#include "../conformance.h"

void prepare(void) {}

static int reads(const char *path, const char *expected, int size) {
  char content[256] = "";
  int file = open(path, O_RDONLY);
  int count = read(file, content, sizeof content - 1);
  close(file);
  return count == size && memcmp(content, expected, size) == 0;
}

void verify(void) {
  char path[64] = "";
  CHECK_EQUAL(readlink("/proc/self/exe", path, sizeof path - 1), 8);
  CHECK(strcmp(path, "/program") == 0);
  CHECK(reads("/proc/self/cmdline", "/program", 9));
  CHECK(reads("/proc/self/comm", "program\n", 8));
}
