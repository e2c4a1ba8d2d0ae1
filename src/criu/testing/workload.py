"""A process tree with something of every kind that can be had without privileges; writes its facts, as JSON, to the file named."""
import ctypes, json, os, select, signal, socket, sys, tempfile, threading, time

facts_path = sys.argv[1]
read_end, write_end = os.pipe()
os.write(write_end, b"waits in the pipe")

listener = socket.socket()
listener.bind(("127.0.0.1", 0))
listener.listen(7)

left, right = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
left.send(b"waits in the socket")

unlinked = tempfile.TemporaryFile()
unlinked.write(b"nobody can name me")
unlinked.flush()

memory_file = os.memfd_create("scratch")
os.write(memory_file, b"memfd contents")

epoll = select.epoll()
epoll.register(read_end, select.EPOLLIN | select.EPOLLET)

signal.signal(signal.SIGUSR1, lambda *_: None)
signal.setitimer(signal.ITIMER_REAL, 86400, 86400)

marker = ctypes.create_string_buffer(b"this text lies in private memory", 65536)
thread_ids = []
started = threading.Barrier(3)


def wait():
    thread_ids.append(threading.get_native_id())
    started.wait()
    time.sleep(1e6)


for _ in range(2):
    threading.Thread(target=wait, daemon=True).start()
started.wait()

child = os.fork()
if child == 0:
    time.sleep(1e6)
zombie = os.fork()
if zombie == 0:
    os._exit(3)
os.waitid(os.P_PID, zombie, os.WEXITED | os.WNOWAIT)

facts = {
    "pid": os.getpid(), "threads": thread_ids, "child": child, "zombie": zombie,
    "readEnd": read_end, "writeEnd": write_end, "listener": listener.fileno(), "port": listener.getsockname()[1],
    "left": left.fileno(), "right": right.fileno(), "unlinked": unlinked.fileno(), "memoryFile": memory_file, "epoll": epoll.fileno(),
    "marker": ctypes.addressof(marker),
}
with open(facts_path + ".new", "w") as file:
    json.dump(facts, file)
os.rename(facts_path + ".new", facts_path)
time.sleep(1e6)
