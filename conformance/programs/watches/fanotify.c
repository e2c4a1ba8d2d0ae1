/* Watches: fanotify marks of files tell what happens to them. */
// capability: CAP_SYS_ADMIN
// except arm64: QEMU's user-mode emulator has no fanotify
#include "../conformance.h"
#include <sys/fanotify.h>

static int watcher;

void prepare(void) {
  close(open("/tmp/file", O_WRONLY | O_CREAT, 0600));
  watcher = fanotify_init(FAN_CLASS_NOTIF | FAN_NONBLOCK, O_RDONLY);
  NEED(watcher >= 0);
  NEED(fanotify_mark(watcher, FAN_MARK_ADD, FAN_MODIFY | FAN_OPEN, AT_FDCWD, "/tmp/file") == 0);
}

void verify(void) {
  struct fanotify_event_metadata event = {0};
  int writer = open("/tmp/file", O_WRONLY);
  EVENTUALLY(event.mask != 0 || read(watcher, &event, sizeof event) > 0);
  CHECK_EQUAL(event.mask, FAN_OPEN);
  close(event.fd);
  event.mask = 0;
  CHECK_EQUAL(write(writer, "x", 1), 1);
  EVENTUALLY(event.mask != 0 || read(watcher, &event, sizeof event) > 0);
  CHECK_EQUAL(event.mask, FAN_MODIFY);
}
