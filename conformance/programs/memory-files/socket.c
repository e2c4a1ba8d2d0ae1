/* Memory files: a UNIX socket that listens under a name in /dev/shm takes connections afterwards. */
#include "../conformance.h"

static const struct sockaddr_un address = {AF_UNIX, "/dev/shm/folder/socket"};
static int server;

void prepare(void) {
  NEED(mkdir("/dev/shm/folder", 0700) == 0);
  server = socket(AF_UNIX, SOCK_STREAM, 0);
  NEED(bind(server, (struct sockaddr *)&address, sizeof address) == 0);
  NEED(listen(server, 5) == 0);
}

void verify(void) {
  char text[8] = "";
  int client = socket(AF_UNIX, SOCK_STREAM, 0);
  CHECK_EQUAL(connect(client, (struct sockaddr *)&address, sizeof address), 0);
  int accepted = accept(server, NULL, NULL);
  CHECK_EQUAL(write(client, "hello", 5), 5);
  CHECK_EQUAL(read(accepted, text, sizeof text), 5);
  CHECK(strcmp(text, "hello") == 0);
}
