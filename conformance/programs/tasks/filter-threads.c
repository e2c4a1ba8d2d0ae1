/* Processes: filters of system calls that threads have, one for all of them and one of a thread's own, stay in force. */
// except arm64: a filter would judge the emulator's system calls, not the program's
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include "../conformance.h"

static pthread_t threads[2];
static volatile int ready, stop;
static volatile long results[2][2];

static int forbid(int number, int error, int flags) {
  struct sock_filter code[] = {
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  struct sock_fprog filter = {4, code};
  return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &filter);
}

static void *work(void *argument) {
  long index = (long)argument;
  if (index == 1) forbid(SYS_getuid, 78, 0);
  __atomic_add_fetch(&ready, 1, __ATOMIC_SEQ_CST);
  while (!stop) nap();
  results[index][0] = syscall(SYS_getppid) == -1 ? errno : 0;
  results[index][1] = syscall(SYS_getuid) == -1 ? errno : 0;
  return NULL;
}

void prepare(void) {
  NEED(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
  NEED(forbid(SYS_getppid, 77, 0) == 0);
  for (long index = 0; index < 2; index++) NEED(pthread_create(&threads[index], NULL, work, (void *)index) == 0);
  while (ready < 2) nap();
}

void verify(void) {
  stop = 1;
  for (int index = 0; index < 2; index++) pthread_join(threads[index], NULL);
  CHECK_EQUAL(results[0][0], 77);
  CHECK_EQUAL(results[1][0], 77);
  CHECK_EQUAL(results[0][1], 0);
  CHECK_EQUAL(results[1][1], 78);
}
