import { MigrationError } from "../errors.ts";

const known: readonly { readonly words: RegExp; readonly reason: string; readonly remedy: string }[] = [
  {
    words: /REMOTE HOST IDENTIFICATION HAS CHANGED/,
    reason: "host-key-changed",
    remedy:
      "If the machine was set up anew, remove its old key with `ssh-keygen -R`, then connect once with `ssh` and check the new key.",
  },
  {
    words: /Host key verification failed/,
    reason: "host-key-unknown",
    remedy: "Connect once with `ssh` by hand and check the machine's key, so that it gets into known_hosts.",
  },
  {
    words: /Permission denied|Too many authentication failures|no mutual signature/i,
    reason: "permission-denied",
    remedy: "Set up a key that needs no typing (ssh-copy-id, ssh-agent): `ssh -o BatchMode=yes` to the machine must work.",
  },
  {
    words: /Could not resolve hostname/,
    reason: "name-not-resolved",
    remedy: "Check the name's spelling, your SSH configuration and the name server.",
  },
  {
    words: /Connection refused/,
    reason: "refused",
    remedy: "Check that the SSH server runs there and listens on that port.",
  },
  {
    words: /timed out|No route to host|Network is unreachable/,
    reason: "timed-out",
    remedy: "Check that the machine is on, that the address is right and that no firewall is in between.",
  },
  {
    words: /session request failed|Session open refused/,
    reason: "session-refused",
    remedy: "Raise MaxSessions in the machine's sshd_config to 10 or more.",
  },
];

/** Turns what ssh said into the error; `details.reason` tells the cases apart. */
export function unreachable(host: string, stderr: string): MigrationError {
  const match = known.find(({ words }) => words.test(stderr));
  const words = stderr
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !/^@+$|^Warning: Permanently added/.test(line))
    .slice(-4)
    .join(" ");
  return new MigrationError(
    "target-unreachable",
    `SSH cannot reach the machine: ${words === "" ? "the connection ended" : words}`,
    {
      host,
      remedy: match?.remedy ?? "Try `ssh` to the machine by hand.",
      details: { reason: match?.reason ?? "other", stderr },
    },
  );
}
