/* Memory: what is written to a shared file mapping reaches the file and other mappings of it. */
#include "../conformance.h"

static char *map, *second;
static int file;

void prepare(void) {
  file = open("/tmp/data", O_RDWR | O_CREAT, 0600);
  NEED(ftruncate(file, 8192) == 0);
  map = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  second = mmap(NULL, 4096, PROT_READ, MAP_SHARED, file, 4096);
  NEED(map != MAP_FAILED && second != MAP_FAILED);
  strcpy(map + 4096, "before");
}

void verify(void) {
  char content[16] = "";
  CHECK(strcmp(second, "before") == 0);
  strcpy(map + 4096, "after");
  CHECK(strcmp(second, "after") == 0);
  CHECK_EQUAL(pread(file, content, sizeof content, 4096), 16);
  CHECK(strcmp(content, "after") == 0);
  CHECK_EQUAL(pwrite(file, "file", 5, 0), 5);
  CHECK(strcmp(map, "file") == 0);
}
