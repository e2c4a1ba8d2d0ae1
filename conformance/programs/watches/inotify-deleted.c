/* Watches: an inotify watch of a file that was deleted while it is open. */
// except criu: it finds no name to watch
// except native: CRIU does not tell which file it is
// except arm64: CRIU does not tell which file it is
#include "../conformance.h"
#include <sys/inotify.h>

static int watcher, watch, file;

void prepare(void) {
  file = open("/tmp/file", O_RDWR | O_CREAT, 0600);
  watcher = inotify_init1(IN_NONBLOCK);
  watch = inotify_add_watch(watcher, "/tmp/file", IN_MODIFY);
  NEED(file >= 0 && watcher >= 0 && watch >= 0);
  NEED(unlink("/tmp/file") == 0);
}

void verify(void) {
  struct inotify_event event = {0};
  CHECK_EQUAL(write(file, "x", 1), 1);
  EVENTUALLY(event.mask != 0 || read(watcher, &event, sizeof event) > 0);
  CHECK_EQUAL(event.wd, watch);
  CHECK_EQUAL(event.mask, IN_MODIFY);
}
