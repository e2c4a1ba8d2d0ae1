/* System V: a message queue keeps its key, id and messages in order. */
#include <sys/ipc.h>
#include "../conformance.h"
#include <sys/msg.h>

#define KEY 0x4d494754
static int id;
struct message { long type; char text[32]; };

void prepare(void) {
  id = msgget(KEY, IPC_CREAT | IPC_EXCL | 0600);
  NEED(id >= 0);
  struct message first = {3, "three"}, second = {1, "one"};
  NEED(msgsnd(id, &first, 6, 0) == 0);
  NEED(msgsnd(id, &second, 4, 0) == 0);
}

void verify(void) {
  struct message message;
  struct msqid_ds info;
  CHECK_EQUAL(msgget(KEY, 0), id);
  CHECK_EQUAL(msgctl(id, IPC_STAT, &info), 0);
  CHECK_EQUAL(info.msg_qnum, 2);
  CHECK_EQUAL(msgrcv(id, &message, 32, 1, IPC_NOWAIT), 4);
  CHECK(strcmp(message.text, "one") == 0);
  CHECK_EQUAL(msgrcv(id, &message, 32, 0, IPC_NOWAIT), 6);
  CHECK(message.type == 3 && strcmp(message.text, "three") == 0);
}
