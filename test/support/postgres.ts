import { setTimeout } from "node:timers/promises";
import { Client } from "pg";
import type { Published } from "./docker.ts";

/** A machine that emulates takes its time, also for an accepted connection's first answer. */
const startTimeoutMs = 300_000;

/** Connects to the PostgreSQL at `where`, trying until it lets clients in. */
export async function connectPostgres({ address: host, port }: Published): Promise<Client> {
  const deadline = Date.now() + startTimeoutMs;
  for (;;) {
    const client = new Client({ host, port, user: "postgres", database: "postgres", connectionTimeoutMillis: 60_000 });
    client.on("error", () => {}); // told by the rejected query, or by the event `end`
    try {
      await client.connect();
      return client;
    } catch (error) {
      await client.end().catch(() => {});
      if (Date.now() > deadline) throw error;
      await setTimeout(500);
    }
  }
}

/** Connects, hands the client over, and disconnects. */
export async function withPostgres<Result>(where: Published, use: (client: Client) => Promise<Result>): Promise<Result> {
  const client = await connectPostgres(where);
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}

/** The one value that a query answers with, as text. */
export async function ask(client: Client, query: string): Promise<string> {
  const { rows } = await client.query<unknown[]>({ text: query, rowMode: "array" });
  return String(rows[0]?.[0]);
}

/** All rows that others can see, in one sum. */
export function checksum(client: Client): Promise<string> {
  return ask(client, "SELECT count(*) || ' ' || md5(string_agg(id || ' ' || note, ',' ORDER BY id)) FROM entry");
}

/** What stays the same as long as the server does: when it began, its own processes. */
export async function identity(client: Client): Promise<Record<string, string>> {
  return {
    // As text: a JavaScript Date would lose the microseconds.
    started: await ask(client, "SELECT pg_postmaster_start_time()::text"),
    system: await ask(client, "SELECT system_identifier FROM pg_control_system()"),
    processes: await ask(
      client,
      `SELECT string_agg(pid || ' ' || backend_type, ', ' ORDER BY pid) FROM pg_stat_activity
       WHERE backend_type NOT IN ('client backend', 'autovacuum worker', 'parallel worker')`,
    ),
  };
}
