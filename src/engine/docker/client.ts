import { Agent } from "node:http";
import Docker from "dockerode";

/** The API's client at a unix socket of this machine. */
export function clientAt(socketPath: string): Docker {
  // `host` and `protocol` keep DOCKER_HOST out, which the client would follow for remote hosts too. Without keep-alive no
  // request meets a connection that the other side has just closed.
  const options = { socketPath, host: "", protocol: "http", agent: new Agent({ keepAlive: false }) } as const;
  return new Docker(options);
}
