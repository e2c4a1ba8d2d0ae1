import { execa } from "execa";
import { freePorts } from "../../lab/free-ports.ts";

/**
 * Has this process and what it starts use an ADB server of their own, so that a user's is left alone. The first `adb` starts it.
 */
export async function ownAdbServer(): Promise<AsyncDisposable & { readonly port: number }> {
  const [port = 0] = await freePorts(1);
  const previous = { ...process.env };
  delete process.env.ADB_SERVER_SOCKET;
  delete process.env.ANDROID_SERIAL;
  process.env.ANDROID_ADB_SERVER_PORT = String(port);
  return {
    port,
    async [Symbol.asyncDispose]() {
      await execa("adb", ["-P", String(port), "kill-server"], { reject: false });
      for (const name of ["ADB_SERVER_SOCKET", "ANDROID_SERIAL", "ANDROID_ADB_SERVER_PORT"]) {
        const value = previous[name];
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
      }
    },
  };
}
