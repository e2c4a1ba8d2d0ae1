import { ensureImage } from "../../lab/images.ts";
import { eventually } from "../../src/resume/testing/eventually.ts";
import { type Place, patienceMs } from "./compose-project.ts";
import { docker, removeContainer } from "./docker.ts";

/** Two containers between which a connection is full: one sends as fast as it can, the other reads slowly. */
export const ends = ["migrate-group-sender", "migrate-group-reader"] as const;
export const network = "migrate-group-full";
const [sender, reader] = ends;

const sending = `
import socket
connection = socket.create_connection(("reader", 8000))
block = bytes(index % 251 for index in range(251 * 400))
while True: connection.sendall(block)
`;

/** Writes down how many bytes have come, each as it must be. */
const reading = `
import socket, time
connection, count = socket.create_server(("0.0.0.0", 8000)).accept()[0], 0
while block := connection.recv(65536):
    wanted = bytes((count + index) % 251 for index in range(len(block)))
    if block != wanted: print("wrong after", count, flush=True)
    count += len(block)
    open("/count", "w").write(str(count))
    time.sleep(0.05)
print("ended", flush=True)
`;

export async function startFullConnection(): Promise<void> {
  await removeFullConnection();
  await docker("network", "create", network);
  const image = await ensureImage("python");
  const start = (name: string, alias: string, program: string) =>
    docker("run", "--detach", "--name", name, "--network", network, "--network-alias", alias, image, "python3", "-c", program);
  await start(reader, "reader", reading);
  await eventually("the reader", async () =>
    (await docker("exec", reader, "cat", "/proc/net/tcp")).includes(":1F40 00000000:0000 0A"),
  );
  await start(sender, "sender", sending);
  await eventually("bytes", async () => Number(await docker("exec", reader, "cat", "/count")) > 5_000_000);
}

/** How many bytes have come. @param above waits until it is more */
export async function countAt({ run }: Place, above = 0): Promise<number> {
  const ask = async () => {
    const count = Number(await run(`docker exec ${reader} cat /count`));
    return count > above ? count : undefined;
  };
  return await eventually(`more than ${above} bytes`, ask, patienceMs);
}

export async function removeFullConnection(): Promise<void> {
  for (const name of ends) await removeContainer(name);
  await docker("network", "rm", network).catch(() => {});
}

/** What the reader has said of bytes that were wrong, or of the connection's end. */
export async function wordsOfReader({ run }: Place): Promise<string> {
  return await run(`docker logs ${reader} 2>&1`);
}
