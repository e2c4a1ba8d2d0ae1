/* Processes: a filter of system calls (seccomp) that a program has put on itself stays in force. */
// except arm64: a filter would judge the emulator's system calls, not the program's
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include "../conformance.h"

void prepare(void) {
  struct sock_filter code[] = {
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 1),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | 77),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  struct sock_fprog filter = {4, code};
  NEED(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
  NEED(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0);
}

void verify(void) {
  CHECK_EQUAL(syscall(SYS_getppid), -1);
  CHECK_EQUAL(errno, 77);
}
