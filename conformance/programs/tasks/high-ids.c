/* Processes: high process ids, as after a long life, are kept. */
#include "../conformance.h"

static pid_t children[4];

void prepare(void) {
  for (int index = 0; index < 4; index++) {
    /* Ids are used up by processes that end at once. */
    for (int burnt = 0; burnt < 300; burnt++) {
      pid_t pid = vfork();
      if (pid == 0) _exit(0);
      waitpid(pid, NULL, 0);
    }
    children[index] = fork();
    if (children[index] == 0) {
      for (;;) pause();
    }
  }
}

void verify(void) {
  for (int index = 3; index >= 0; index--) {
    CHECK_EQUAL(kill(children[index], SIGTERM), 0);
    CHECK_EQUAL(waitpid(children[index], NULL, 0), children[index]);
  }
}
