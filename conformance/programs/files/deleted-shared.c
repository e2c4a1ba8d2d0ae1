/* Files: two descriptions of one deleted file keep their offsets and see what the other writes; so does a child. */
#include "../conformance.h"

static int writer, reader;
static pid_t child;
static int *seen;

void prepare(void) {
  seen = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  NEED(seen != MAP_FAILED);
  writer = open("/tmp/gone", O_RDWR | O_CREAT | O_APPEND, 0600);
  NEED(write(writer, "0123456789", 10) == 10);
  reader = open("/tmp/gone", O_RDONLY);
  NEED(reader >= 0);
  NEED(lseek(reader, 6, SEEK_SET) == 6);
  NEED(unlink("/tmp/gone") == 0);
  child = fork();
  NEED(child >= 0);
  if (child == 0) {
    char byte = 0;
    while (seen[0] == 0) nap();
    seen[1] = read(reader, &byte, 1);
    seen[2] = byte;
    _exit(0);
  }
}

void verify(void) {
  char content[8] = "";
  struct stat one, other;
  CHECK_EQUAL(fstat(writer, &one), 0);
  CHECK_EQUAL(fstat(reader, &other), 0);
  CHECK_EQUAL(one.st_ino, other.st_ino);
  CHECK_EQUAL(one.st_nlink, 0);
  CHECK_EQUAL(write(writer, "X", 1), 1);
  CHECK_EQUAL(read(reader, content, 4), 4);
  CHECK(strcmp(content, "6789") == 0);
  seen[0] = 1;
  int status = -1;
  CHECK_EQUAL(waitpid(child, &status, 0), child);
  CHECK_EQUAL(seen[1], 1);
  CHECK_EQUAL(seen[2], 'X');
  CHECK_EQUAL(lseek(reader, 0, SEEK_CUR), 11);
}
