/* Processes: no_new_privs, dumpable, name, umask and nice value are kept. */
#include "../conformance.h"

void prepare(void) {
  NEED(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
  NEED(prctl(PR_SET_DUMPABLE, 0) == 0);
  NEED(prctl(PR_SET_NAME, "renamed") == 0);
  umask(027);
  NEED(setpriority(PRIO_PROCESS, 0, 7) == 0);
}

void verify(void) {
  char name[16] = "";
  CHECK_EQUAL(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), 1);
  CHECK_EQUAL(prctl(PR_GET_DUMPABLE), 0);
  CHECK_EQUAL(prctl(PR_GET_NAME, name), 0);
  CHECK(strcmp(name, "renamed") == 0);
  CHECK_EQUAL(umask(0), 027);
  CHECK_EQUAL(getpriority(PRIO_PROCESS, 0), 7);
}
