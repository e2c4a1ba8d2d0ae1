/* System calls: msgrcv() on a System V queue waits on. */
#include <sys/msg.h>
#include "waits.h"

static int id;
static struct { long type; char text[8]; } message = {3, "hello"}, found;

static long wait_for_it(void) {
  long result;
  while ((result = msgrcv(id, &found, 8, 3, 0)) == -1 && errno == EINTR) continue;
  return result == 6 && strcmp(found.text, "hello") == 0;
}

void prepare(void) {
  id = msgget(IPC_PRIVATE, 0600);
  NEED(id >= 0);
  begin_waiting();
}

void verify(void) {
  CHECK_EQUAL(waited, 0);
  CHECK_EQUAL(msgsnd(id, &message, 6, 0), 0);
  end_waiting();
}
