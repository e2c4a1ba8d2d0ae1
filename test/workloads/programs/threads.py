"""Four threads: one ticks and prints, one hashes, one waits on a condition, the main one serves the state over HTTP."""
import hashlib, http.server, json, threading, time

data = [(i, str(i) * 3, {"square": i * i}) for i in range(20000)]
checksum = hashlib.sha256(repr(data).encode()).hexdigest()
state = {"kept": [], "ticks": 0, "started": time.time(), "hashes": 0}
condition = threading.Condition()
def tick():
    while True:
        time.sleep(0.05)
        state["ticks"] += 1
        print(state["ticks"], flush=True)
        with condition:
            condition.notify_all()
def digest():
    while True:
        hashlib.sha256(repr(data[:2000]).encode()).hexdigest()
        state["hashes"] += 1
        time.sleep(0.05)
def wait():
    while True:
        with condition:
            condition.wait(timeout=30)
for run in (tick, digest, wait):
    threading.Thread(target=run, daemon=True).start()
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path.startswith("/keep/"):
            state["kept"].append(int(self.path.removeprefix("/keep/")))
        now = hashlib.sha256(repr(data).encode()).hexdigest() if self.path == "/all" else None
        body = json.dumps({**state, "checksum": now and (checksum if now == checksum else "broken"), "monotonic": time.monotonic(),
            "threads": sorted(t.native_id for t in threading.enumerate())}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *args):
        pass
http.server.HTTPServer(("0.0.0.0", 8080), Handler).serve_forever()
