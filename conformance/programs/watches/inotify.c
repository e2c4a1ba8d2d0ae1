/* Watches: inotify goes on telling, under the watch's number and mask, what happens to files and folders. */
// except criu: it forgets that a watch is for one event only (IN_ONESHOT)
#include "../conformance.h"
#include <sys/inotify.h>

static int watcher, folder, file, gone;

void prepare(void) {
  NEED(mkdir("/tmp/folder", 0700) == 0);
  NEED(mkdir("/tmp/other", 0700) == 0);
  close(open("/tmp/file", O_WRONLY | O_CREAT, 0600));
  watcher = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  NEED(watcher >= 0);
  gone = inotify_add_watch(watcher, "/tmp/other", IN_ALL_EVENTS);
  folder = inotify_add_watch(watcher, "/tmp/folder", IN_CREATE | IN_DELETE | IN_ONLYDIR);
  NEED(inotify_rm_watch(watcher, gone) == 0);
  file = inotify_add_watch(watcher, "/tmp/file", IN_MODIFY | IN_ONESHOT);
  char buffer[4096];
  NEED(folder == gone + 1 && file == gone + 2);
  while (read(watcher, buffer, sizeof buffer) > 0) continue;
}

static void expect(int watch, uint32_t mask, const char *name) {
  union {
    struct inotify_event event;
    char bytes[sizeof(struct inotify_event) + 256];
  } next;
  ssize_t length = -1;
  /* One event: a second one does not fit. */
  for (int tries = 0; tries < 500 && length < 0; tries++) {
    length = read(watcher, &next, sizeof(struct inotify_event) + (name == NULL ? 0 : 16));
    if (length < 0) nap();
  }
  CHECK(length > 0);
  if (length <= 0) return;
  CHECK_EQUAL(next.event.wd, watch);
  CHECK_EQUAL(next.event.mask, mask);
  if (name != NULL) CHECK(strcmp(next.event.name, name) == 0);
}

void verify(void) {
  char byte;
  CHECK_EQUAL(fcntl(watcher, F_GETFD), FD_CLOEXEC);
  CHECK(fcntl(watcher, F_GETFL) & O_NONBLOCK);
  CHECK_EQUAL(read(watcher, &byte, 1), -1);
  close(open("/tmp/folder/new", O_WRONLY | O_CREAT, 0600));
  expect(folder, IN_CREATE, "new");
  unlink("/tmp/folder/new");
  expect(folder, IN_DELETE, "new");
  int writer = open("/tmp/file", O_WRONLY);
  CHECK_EQUAL(write(writer, "x", 1), 1);
  expect(file, IN_MODIFY, NULL);
  expect(file, IN_IGNORED, NULL);
  CHECK_EQUAL(inotify_rm_watch(watcher, folder), 0);
  CHECK_EQUAL(inotify_add_watch(watcher, "/tmp/other", IN_CREATE), file + 1);
}
