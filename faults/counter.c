/*
 * Counts without pause: a line of /count for each number, a thousand in a second. The number lies in memory only, so the file shows
 * what became of the process: a gap or a repeat means that memory and files parted. With an argument it logs every tenth number, too.
 */
#include <fcntl.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

int main(int arguments, char **) {
  int file = open("/count", O_WRONLY | O_CREAT | O_APPEND, 0644);
  if (file < 0) return 1;
  for (long number = 1;; number++) {
    char line[24];
    int length = snprintf(line, sizeof line, "%ld\n", number);
    if (write(file, line, length) != length) return 2;
    if (arguments > 1 && number % 10 == 0 && write(1, line, length) != length) return 3;
    struct timespec pause = {0, 1000000};
    nanosleep(&pause, 0);
  }
}
