"""asyncio: tasks that sleep, queue and wait, a thread, a child process behind pipes, and a server of streams."""
import asyncio, hashlib, json, time

entries = {f"entry {i}": (i, str(i) * 3) for i in range(20_000)}
state = {"started": time.time(), "kept": [], "ticks": 0, "queued": 0, "calls": 0, "echoes": 0, "reset": 0}
released = asyncio.Event()


async def tick():
    while True:
        await asyncio.sleep(0.05)
        state["ticks"] += 1


async def produce(queue):
    number = 0
    while True:
        await queue.put(number)
        number += 1
        await asyncio.sleep(0.05)


async def consume(queue):
    while True:
        assert await queue.get() == state["queued"], "a number is missing or there twice"
        state["queued"] += 1


def call_from_thread(loop):
    def count():
        state["calls"] += 1

    while True:
        time.sleep(0.05)
        loop.call_soon_threadsafe(count)  # wakes the loop through its socket pair


async def echo():
    child = await asyncio.create_subprocess_exec("cat", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE)
    while True:
        line = f"{state['echoes']}\n".encode()
        child.stdin.write(line)
        assert await child.stdout.readline() == line
        state["echoes"] += 1
        await asyncio.sleep(0.05)


async def wait(number):
    await released.wait()
    return number * number


async def answer(reader, writer):
    path = (await reader.readline()).split()[1].decode()
    while (await reader.readline()).strip():
        pass
    if path == "/stay":  # a client that stays connected until its connection breaks
        writer.write(b"HTTP/1.1 200 OK\r\n\r\nhere\n")
        try:
            await reader.readline()
        except ConnectionResetError:
            pass
        state["reset"] += 1
        writer.close()
        return
    if path.startswith("/keep/"):
        state["kept"].append(int(path.removeprefix("/keep/")))
    if path == "/release":
        released.set()
    waited = sum(await asyncio.gather(*waiting)) if path == "/release" else None
    checksum = hashlib.sha256(repr(entries).encode()).hexdigest() if path == "/all" else None
    pending = sum(not task.done() for task in waiting)
    body = json.dumps({**state, "checksum": checksum, "monotonic": time.monotonic(), "pending": pending, "waited": waited}).encode()
    writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
    await writer.drain()
    writer.close()


async def main():
    global waiting
    queue = asyncio.Queue()
    loop = asyncio.get_running_loop()
    waiting = [asyncio.create_task(wait(number)) for number in range(100)]
    server = await asyncio.start_server(answer, "0.0.0.0", 8080)
    thread = loop.run_in_executor(None, call_from_thread, loop)
    await asyncio.gather(server.serve_forever(), thread, tick(), produce(queue), consume(queue), echo())


asyncio.run(main())
