/* Files: a program goes on whose executable was deleted. */
#include "../conformance.h"

void prepare(void) { NEED(unlink("/program") == 0); }

void verify(void) {
  char text[128];
  CHECK_EQUAL(snprintf(text, sizeof text, "%s %.2f", strstr("a program", "pro"), 1.5), 12);
  CHECK(strcmp(text, "program 1.50") == 0);
  CHECK_EQUAL(access("/program", F_OK), -1);
}
