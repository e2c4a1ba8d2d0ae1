/* Memory: every second page of five thousand was touched, of private memory and of shared; each has its own content, those between are zero. */
#include "../conformance.h"

enum { PAGES = 5000, WORDS = 4096 / sizeof(int) };

static int *memories[2];

static int content(int memory, int page) { return page % 2 == 1 ? page + memory * PAGES : 0; }

void prepare(void) {
  for (int memory = 0; memory < 2; memory++) {
    int kind = memory == 0 ? MAP_PRIVATE : MAP_SHARED;
    int *words = memories[memory] = mmap(NULL, PAGES * 4096, PROT_READ | PROT_WRITE, kind | MAP_ANONYMOUS, -1, 0);
    madvise(words, PAGES * 4096, MADV_NOHUGEPAGE);
    for (int page = 1; page < PAGES; page += 2) words[page * WORDS] = words[page * WORDS + WORDS - 1] = content(memory, page);
  }
}

void verify(void) {
  for (int memory = 0; memory < 2; memory++) {
    for (int page = 0; page < PAGES; page++) {
      CHECK_EQUAL(memories[memory][page * WORDS], content(memory, page));
      CHECK_EQUAL(memories[memory][page * WORDS + WORDS - 1], content(memory, page));
    }
  }
}
