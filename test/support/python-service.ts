import { setTimeout } from "node:timers/promises";
import type { Published } from "./docker.ts";

/** A python3 program of four threads: one ticks and prints, one hashes, one waits on a condition, the main one serves its state over HTTP. */
export const pythonService = `
import hashlib, http.server, json, threading, time
data = [(i, str(i) * 3, {"square": i * i}) for i in range(50000)]
checksum = hashlib.sha256(repr(data).encode()).hexdigest()
state = {"ticks": 0, "started": time.time(), "hashes": 0}
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
        time.sleep(0.01)
def wait():
    while True:
        with condition:
            condition.wait(timeout=30)
for run in (tick, digest, wait):
    threading.Thread(target=run, daemon=True).start()
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        now = hashlib.sha256(repr(data).encode()).hexdigest()
        body = json.dumps({**state, "checksum": checksum if now == checksum else "broken", "monotonic": time.monotonic(),
            "threads": sorted(t.native_id for t in threading.enumerate())}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *args):
        pass
http.server.HTTPServer(("0.0.0.0", 8080), Handler).serve_forever()
`;

export interface ServiceState {
  readonly ticks: number;
  readonly hashes: number;
  readonly started: number;
  readonly checksum: string;
  readonly monotonic: number;
  readonly threads: readonly number[];
}

/** Asks the service for its state, trying until it answers. */
export async function readService({ address, port }: Published): Promise<ServiceState> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    try {
      const response = await fetch(`http://${address}:${port}/`, { signal: AbortSignal.timeout(10_000) });
      return (await response.json()) as ServiceState;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await setTimeout(200);
    }
  }
}
