"""One process with something of everything that a resume carries.

It writes what it can see of itself, as JSON, to /state, again and again: what stays the same under "steady", what goes on
under "going". While there is a file /quiet it does not look at itself: that opens files of /proc. When there is a file /finish, it uses what it holds (which spoils the state) and writes to /finished.
"""
import ctypes, errno, fcntl, json, mmap, os, re, resource, select, signal, socket, struct, sys, termios, threading, time

libc = ctypes.CDLL(None, use_errno=True)
PR_SET_PDEATHSIG, PR_GET_PDEATHSIG, PR_GET_DUMPABLE, PR_SET_NAME, PR_GET_TID_ADDRESS = 1, 2, 3, 15, 40
PR_SET_CHILD_SUBREAPER, PR_GET_CHILD_SUBREAPER = 36, 37
SYS_ARCH_PRCTL, ARCH_GET_FS, SYS_GET_ROBUST_LIST = 158, 0x1003, 274
MEMBARRIER_REGISTER_PRIVATE_EXPEDITED, MEMBARRIER_PRIVATE_EXPEDITED = 1 << 4, 1 << 3
O_TMPFILES = "/tmp/workload"


def call(function, *arguments):
    result = getattr(libc, function)(*arguments)
    if result == -1:
        raise OSError(ctypes.get_errno(), function)
    return result


# --- the process ---
os.makedirs(O_TMPFILES)
os.chdir(O_TMPFILES)
os.umask(0o027)
call("prctl", PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
call("syscall", 324, MEMBARRIER_REGISTER_PRIVATE_EXPEDITED, 0, 0)
resource.setrlimit(resource.RLIMIT_CORE, (0, 12345))
resource.setrlimit(resource.RLIMIT_NOFILE, (300, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
signal.setitimer(signal.ITIMER_REAL, 86400, 3600)
os.setpriority(os.PRIO_PROCESS, 0, 3)
with open("/proc/self/oom_score_adj", "w") as file:
    file.write("321")

# --- memory ---
shared = mmap.mmap(-1, 1 << 20)
shared[:6], shared[500000:500003] = b"shared", b"mid"
private = mmap.mmap(-1, 1 << 20, flags=mmap.MAP_PRIVATE)
private[4096:4103] = b"private"
private.madvise(mmap.MADV_DONTFORK, 0, 8192)
with open("mapped", "wb") as file:
    file.write(b"file contents".ljust(8192, b"."))
with open("mapped", "r+b") as file:
    file_shared = mmap.mmap(file.fileno(), 8192)
    file_private = mmap.mmap(file.fileno(), 8192, flags=mmap.MAP_PRIVATE)
file_private[5000:5004] = b"mine"
forbidden = mmap.mmap(-1, 8192)
forbidden[:9] = b"forbidden"
forbidden_address = ctypes.addressof(ctypes.c_char.from_buffer(forbidden))
call("mprotect", ctypes.c_void_p(forbidden_address), 8192, 0)
heap = [bytes([index % 256]) * 100 for index in range(20000)]
libc.sbrk.restype = ctypes.c_void_p

# --- descriptors ---
log = os.open("log", os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
data = os.open("data", os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
os.write(data, b"0123456789" * 10)
os.lseek(data, 42, os.SEEK_SET)
twin = os.dup(data)
directory = os.open("/etc", os.O_RDONLY | os.O_DIRECTORY)
null = os.open("/dev/null", os.O_RDWR)
os.set_inheritable(null, True)
high = fcntl.fcntl(null, fcntl.F_DUPFD, 250)
pipe_out, pipe_in = os.pipe()
fcntl.fcntl(pipe_in, fcntl.F_SETPIPE_SZ, 1 << 17)
os.write(pipe_in, b"waits in the pipe " * 5000)
os.set_blocking(pipe_in, False)
second_in = os.open(f"/proc/self/fd/{pipe_in}", os.O_WRONLY)
closed_out, closed_in = os.pipe()
os.close(closed_out)
wake_out, wake_in = os.pipe()
counter = libc.eventfd(0, os.O_NONBLOCK)
os.write(counter, struct.pack("Q", 1 << 33))
timer = call("timerfd_create", time.CLOCK_MONOTONIC, os.O_NONBLOCK)
setting = struct.pack("4q", 0, 2_000_000, 0, 2_000_000)
call("timerfd_settime", timer, 0, setting, None)
far_timer = call("timerfd_create", time.CLOCK_REALTIME, 0)
call("timerfd_settime", far_timer, 0, struct.pack("4q", 3600, 0, 90000, 0), None)
signals = call("signalfd", -1, struct.pack("Q", 1 << (signal.SIGWINCH - 1)), os.O_NONBLOCK)
epoll = select.epoll()
epoll.register(counter, select.EPOLLIN | select.EPOLLET)
epoll.register(timer, select.EPOLLIN)
epoll.modify(timer, 0)

# --- sockets ---
IP_PKTINFO, IP_FREEBIND, IPV6_FREEBIND = 8, 15, 78
listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 50000)
listener.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 7))
listener.bind(("0.0.0.0", 7000))
listener.listen(5)
listener6 = socket.socket(socket.AF_INET6)
listener6.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
listener6.setsockopt(socket.IPPROTO_IPV6, IPV6_FREEBIND, 1)
listener6.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RECVPKTINFO, 1)
listener6.bind(("::1", 7000))
listener6.listen(9)
listener6.setblocking(False)
options = socket.socket()
options.setsockopt(socket.SOL_SOCKET, socket.SO_OOBINLINE, 1)
options.setsockopt(socket.IPPROTO_IP, socket.IP_TOS, 0x10)
options.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, 33)
options.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
options.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
options.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 77)
options.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("qq", 5, 500000))
udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
udp.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
udp.setsockopt(socket.IPPROTO_IP, IP_PKTINFO, 1)
udp.bind(("127.0.0.1", 7001))
udp_client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
udp_client.connect(("127.0.0.1", 7001))
client = socket.create_connection(("127.0.0.1", 7000))
server, _ = listener.accept()
client.sendall(b"waits")


closed = socket.create_connection(("127.0.0.1", 7000))
closed.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
ended, _ = listener.accept()
closed.close()


def socket_state(it):
    def option(level, name, size=4):
        return it.getsockopt(level, name, size).hex()

    level = socket.SOL_SOCKET
    names = ("SO_REUSEADDR", "SO_REUSEPORT", "SO_KEEPALIVE", "SO_BROADCAST", "SO_RCVBUF", "SO_ACCEPTCONN", "SO_PRIORITY", "SO_RCVLOWAT", "SO_OOBINLINE")
    state = {name: option(level, getattr(socket, name)) for name in names}
    state.update(linger=option(level, socket.SO_LINGER, 8), timeout=option(level, socket.SO_RCVTIMEO, 16), name=it.getsockname())
    if it.family == socket.AF_INET:
        state["ip"] = [option(socket.IPPROTO_IP, name) for name in (socket.IP_TOS, socket.IP_TTL, IP_PKTINFO, IP_FREEBIND)]
    else:
        state["ip"] = [option(socket.IPPROTO_IPV6, name) for name in (socket.IPV6_V6ONLY, socket.IPV6_RECVPKTINFO, IPV6_FREEBIND)]
    state.update(blocking=os.get_blocking(it.fileno()))
    if it.type == socket.SOCK_STREAM:
        for name in ("TCP_NODELAY", "TCP_KEEPIDLE", "TCP_KEEPINTVL", "TCP_KEEPCNT"):
            state[name] = option(socket.IPPROTO_TCP, getattr(socket, name))
    return state


# --- signals ---
handled = []
signal.signal(signal.SIGUSR1, lambda number, frame: handled.append(number))
signal.signal(signal.SIGTERM, lambda number, frame: os._exit(7))
signal.signal(signal.SIGHUP, signal.SIG_IGN)
signal.siginterrupt(signal.SIGUSR1, False)
alternate = ctypes.create_string_buffer(65536)


class Stack(ctypes.Structure):
    _fields_ = [("sp", ctypes.c_void_p), ("flags", ctypes.c_int), ("size", ctypes.c_size_t)]


call("sigaltstack", ctypes.byref(Stack(ctypes.addressof(alternate), 0, 65536)), None)
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR2, signal.SIGRTMIN + 1, signal.SIGWINCH})
os.kill(os.getpid(), signal.SIGUSR2)


class SignalValue(ctypes.Union):
    _fields_ = [("number", ctypes.c_int), ("pointer", ctypes.c_void_p)]


for value in (11, 22):
    call("sigqueue", os.getpid(), int(signal.SIGRTMIN + 1), SignalValue(number=value))
signal.pthread_kill(threading.main_thread().ident, signal.SIGWINCH)

# --- threads, each in a state of its own ---
going = {"ticks": 0, "sleeps": 0, "steps": 0, "echoed": 0}
gate = threading.Lock()
gate.acquire()
passed = []
woken = []
thread_state = {}
MULTIPLIER, MODULUS = 6364136223846793005, 2**64 - 59
computed = [0, 1]


def describe_thread():
    stack = Stack()
    call("sigaltstack", None, ctypes.byref(stack))
    address, head, length = ctypes.c_void_p(), ctypes.c_void_p(), ctypes.c_size_t()
    call("syscall", SYS_ARCH_PRCTL, ARCH_GET_FS, ctypes.byref(address))
    call("syscall", SYS_GET_ROBUST_LIST, 0, ctypes.byref(head), ctypes.byref(length))
    clear = ctypes.c_void_p()
    call("prctl", PR_GET_TID_ADDRESS, ctypes.byref(clear), 0, 0, 0)
    death = ctypes.c_int()
    call("prctl", PR_GET_PDEATHSIG, ctypes.byref(death), 0, 0, 0)
    return {
        "alternate": [stack.sp, stack.flags, stack.size], "fs": address.value, "robust": [head.value, length.value],
        "clear": clear.value, "death": death.value, "nice": os.getpriority(os.PRIO_PROCESS, 0),
    }


def sleeper():
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
    while True:
        time.sleep(0.005)
        going["sleeps"] += 1
        thread_state["sleeper"] = describe_thread()


def calculator():
    os.setpriority(os.PRIO_PROCESS, 0, 9)
    call("prctl", PR_SET_PDEATHSIG, signal.SIGUSR1, 0, 0, 0)
    thread_state["calculator"] = describe_thread()
    stamp = 0
    while True:
        computed[:] = [computed[0] + 1, computed[1] * MULTIPLIER % MODULUS]
        if computed[0] > stamp + 20000:
            stamp = computed[0]
            thread_state["calculator"] = describe_thread()
            time.sleep(0.001)


def waiter():
    gate.acquire()
    passed.append(threading.get_native_id())


def reader():
    while True:
        woken.append(os.read(wake_out, 100).decode())


def server_loop():
    while True:
        connection, _ = listener.accept()
        with connection:
            connection.sendall(b"echo " + connection.recv(100))
            going["echoed"] += 1


threads = []
for function in (sleeper, calculator, waiter, reader, server_loop):
    threads.append(threading.Thread(target=function, name=function.__name__, daemon=True))
    threads[-1].start()
    with open(f"/proc/self/task/{threads[-1].native_id}/comm", "w") as file:
        file.write(function.__name__)


# --- what it sees of itself ---
STATUS = """Name Umask State Pid Ngid Uid Gid Groups NSpid NSpgid NSsid ShdPnd SigPnd SigBlk SigIgn SigCgt CapInh CapPrm CapEff CapBnd
CapAmb NoNewPrivs Seccomp THP_enabled""".split()


def read(path, mode="r"):
    with open(path, mode) as file:
        return file.read()


def task_state(tid):
    lines = dict(line.split(":\t", 1) for line in read(f"/proc/self/task/{tid}/status").splitlines() if ":\t" in line)
    return {key: lines[key] for key in STATUS if key in lines and key != "State"}


def descriptor_state(fd):
    target = re.sub(r"^(pipe|socket):\[\d+\]$", r"\1", os.readlink(f"/proc/self/fd/{fd}"))
    lines = [line for line in read(f"/proc/self/fdinfo/{fd}").splitlines() if not re.match("mnt_id|ino|ticks|it_value|eventfd-id", line)]
    return [target] + sorted([re.sub(r"\s+ino:.*", "", line) for line in lines])


def steady_state():
    stat = read("/proc/self/stat").rsplit(")", 1)[1].split()
    descriptors = {}
    for fd in sorted(map(int, os.listdir("/proc/self/fd"))):
        try:
            descriptors[fd] = descriptor_state(fd)
        except OSError:
            pass
    return {
        "tasks": {tid: task_state(tid) for tid in sorted(os.listdir("/proc/self/task"), key=int)},
        "threads": {**thread_state, "main": describe_thread()},
        "descriptors": {key: value for key, value in descriptors.items() if key != log},
        "limits": read("/proc/self/limits"), "oom": read("/proc/self/oom_score_adj"),
        "command": read("/proc/self/cmdline"), "environment": read("/proc/self/environ"), "vector": read("/proc/self/auxv", "rb").hex(),
        "exe": os.readlink("/proc/self/exe"), "cwd": os.readlink("/proc/self/cwd"), "root": os.readlink("/proc/self/root"),
        "stat": {"session": stat[3], "addresses": stat[23:26] + stat[42:49]},
        "dumpable": call("prctl", PR_GET_DUMPABLE, 0, 0, 0, 0), "subreaper": child_subreaper(), "membarrier": libc.syscall(324, MEMBARRIER_PRIVATE_EXPEDITED, 0, 0),
        "memory": [hash_of(shared), hash_of(private), hash_of(file_shared), hash_of(file_private), hash_of(b"".join(heap))],
        "break": libc.sbrk(0),
        "pipe": [fcntl.fcntl(pipe_in, fcntl.F_GETPIPE_SZ), waiting(pipe_out)],
        "offsets": [os.lseek(data, 0, os.SEEK_CUR), os.lseek(twin, 0, os.SEEK_CUR)],
        "sockets": {name: socket_state(globals()[name]) for name in ("listener", "listener6", "options", "udp", "udp_client")},
        "peer": udp_client.getpeername(),
    }


def child_subreaper():
    answer = ctypes.c_int()
    call("prctl", PR_GET_CHILD_SUBREAPER, ctypes.byref(answer), 0, 0, 0)
    return answer.value


def hash_of(content):
    import zlib
    return zlib.crc32(content)


def waiting(fd):
    answer = ctypes.c_int()
    fcntl.ioctl(fd, termios.FIONREAD, answer)
    return answer.value


def going_state():
    steps, value = list(computed)
    left, interval = signal.getitimer(signal.ITIMER_REAL)
    expirations = 0
    try:
        expirations = struct.unpack("Q", os.read(timer, 8))[0]
    except BlockingIOError:
        pass
    return {
        **going, "steps": steps, "computedRight": pow(MULTIPLIER, steps, MODULUS) == value, "alarm": left, "alarmInterval": interval,
        "monotonic": time.monotonic(), "expirations": expirations, "passed": passed, "woken": woken, "handled": handled,
    }


# --- what it does with what it holds ---
def error_of(action):
    try:
        action()
    except OSError as error:
        return errno.errorcode[error.errno]
    return None


def exchange(family, address):
    with socket.socket(family) as it:
        it.settimeout(10)
        it.connect(address)
        it.sendall(b"hello")
        return it.recv(100).decode()


def finish():
    answer = {}
    answer["pipe"] = hash_of(os.read(pipe_out, 1 << 20))
    answer["expectedPipe"] = hash_of(b"waits in the pipe " * 5000)
    os.write(second_in, b"again")
    answer["pipeAgain"] = os.read(pipe_out, 100).decode()
    answer["brokenPipe"] = error_of(lambda: os.write(closed_in, b"x"))
    answer["counter"] = struct.unpack("Q", os.read(counter, 8))[0]
    server.sendall(b"back")
    answer["client"] = [server.recv(10).decode(), client.recv(10).decode()]
    answer["ended"] = ended.recv(10).decode()
    answer["echo"] = exchange(socket.AF_INET, ("127.0.0.1", 7000))
    udp_client.send(b"datagram")
    answer["udp"] = udp.recv(100).decode()
    pending = [signal.sigwaitinfo({signal.SIGUSR2, signal.SIGRTMIN + 1}) for _ in range(3)]
    answer["pending"] = [[int(it.si_signo), it.si_pid, it.si_status] for it in pending]
    answer["signalfd"] = struct.unpack("I", os.read(signals, 128)[:4])[0]
    os.kill(os.getpid(), signal.SIGUSR1)
    gate.release()
    os.write(wake_in, b"wake up")
    os.write(counter, struct.pack("Q", 1))
    answer["polled"] = [[fd, events] for fd, events in epoll.poll(5)]
    os.read(counter, 8)
    os.lseek(data, 3, os.SEEK_SET)
    answer["shared offset"] = os.lseek(twin, 0, os.SEEK_CUR)
    os.write(log, b"end\n")
    answer["log"] = read("log")[-4:]
    shared[:6] = b"SHARED"
    pid = os.fork()
    if pid == 0:
        os._exit(0 if shared[:6] == b"SHARED" and heap[4711] == b"g" * 100 else 1)
    answer["fork"] = os.waitpid(pid, 0)[1]
    answer["run"] = os.popen("echo $((6 * 7))").read()
    file_shared[:4] = b"FILE"
    answer["file"] = read("mapped")[:13]
    call("mprotect", ctypes.c_void_p(forbidden_address), 8192, 3)
    answer["forbidden"] = forbidden[:9].decode()
    before = libc.sbrk(1 << 20)
    ctypes.memset(before, 1, 1 << 20)
    answer["break"] = libc.sbrk(0) - before
    nested = []
    for _ in range(12000):
        nested = [nested]
    sys.setrecursionlimit(30000)
    answer["deep"] = len(repr(nested))  # about 4 MB of stack
    sys.setrecursionlimit(1000)
    more = [bytes(range(256)) * 4096 for _ in range(50)]  # 50 MB
    answer["more"] = sum(len(it) for it in more)
    import decimal, sqlite3  # functions that were not bound before
    answer["new code"] = [str(decimal.Decimal(1) / 7), sqlite3.connect(":memory:").execute("select upper('abc')").fetchone()[0]]
    os.sched_setaffinity(0, {sorted(os.sched_getaffinity(0))[-1]})
    answer["rseq"] = libc.sched_getcpu() in os.sched_getaffinity(0)
    answer["new thread"] = run_thread()
    time.sleep(0.2)
    return answer


def run_thread():
    result = []
    thread = threading.Thread(target=lambda: result.append("ran"))
    thread.start()
    thread.join(5)
    return result


def write(path, content):
    with open(path + ".new", "w") as file:
        json.dump(content, file)
    os.rename(path + ".new", path)


finished = False
while True:
    going["ticks"] += 1
    os.write(log, b"%d\n" % going["ticks"])
    if not finished and not os.path.exists("/quiet"):
        state = {"steady": steady_state(), "seen": going["ticks"]}
    write("/state", {**state, "going": going_state()})
    if not finished and os.path.exists("/finish"):
        finished = True
        write("/finished", finish())
    time.sleep(0.02)
