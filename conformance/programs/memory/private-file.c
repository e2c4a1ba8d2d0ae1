/* Memory: a private file mapping shows changed pages as they were and the file's for the rest. */
#include "../conformance.h"

static char *map;

void prepare(void) {
  int file = open("/tmp/data", O_RDWR | O_CREAT, 0600);
  for (int page = 0; page < 4; page++) NEED(pwrite(file, "file", 5, page * 4096) == 5);
  map = mmap(NULL, 4 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, file, 0);
  NEED(map != MAP_FAILED);
  strcpy(map + 4096, "mine");
  close(file);
}

void verify(void) {
  CHECK(strcmp(map, "file") == 0);
  CHECK(strcmp(map + 4096, "mine") == 0);
  CHECK(strcmp(map + 2 * 4096, "file") == 0);
  strcpy(map, "new");
  int file = open("/tmp/data", O_RDONLY);
  char content[8] = "";
  CHECK_EQUAL(read(file, content, 5), 5);
  CHECK(strcmp(content, "file") == 0);
}
