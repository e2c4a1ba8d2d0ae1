/* Memory: advice that changes what a fork does (MADV_DONTFORK, MADV_WIPEONFORK) is kept. */
// except arm64: qemu-user accepts such advice and forgets it
#include "../conformance.h"

static char *kept, *wiped, *left_out;

static char *page(void) {
  char *address = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  strcpy(address, "page");
  return address;
}

void prepare(void) {
  kept = page();
  wiped = page();
  left_out = page();
  NEED(madvise(wiped, 4096, MADV_WIPEONFORK) == 0);
  NEED(madvise(left_out, 4096, MADV_DONTFORK) == 0);
}

void verify(void) {
  CHECK(strcmp(wiped, "page") == 0 && strcmp(left_out, "page") == 0);
  pid_t child = fork();
  if (child == 0) {
    unsigned char there;
    if (strcmp(kept, "page") != 0) _exit(1);
    if (wiped[0] != 0) _exit(2);
    if (mincore(left_out, 4096, &there) == 0) _exit(3);
    _exit(0);
  }
  int status = -1;
  CHECK_EQUAL(waitpid(child, &status, 0), child);
  CHECK_EQUAL(WEXITSTATUS(status), 0);
}
