import { MigrationError, messageOf } from "../errors.ts";
import { contextAddress, NoSuchContext } from "./docker-contexts.ts";
import { readSshNames } from "./ssh-names.ts";
import { targetForms } from "./target.ts";

const contextPrefix = "context:";

/**
 * What the user named, in the form `local`, `ssh://…` or `adb:…`: a name that the SSH configuration has an entry for, `board`, is `ssh://board`;
 * `context:board` is the address of Docker's context `board`. Other forms are left as they are.
 * @throws MigrationError `usage`
 */
export async function resolveTarget(
  text: string,
  { configFile }: { readonly configFile?: string | undefined } = {},
): Promise<string> {
  if (text.startsWith(contextPrefix)) return await addressOfContext(text.slice(contextPrefix.length));
  if (text === "local" || text === "" || /[:/@\s]/.test(text) || text.startsWith("-")) return text;
  const known = await readSshNames(configFile);
  if (known.defines(text)) return `ssh://${text}`;
  const list = known.names.length === 0 ? "It has none." : `It has ${known.names.join(", ")}.`;
  throw new MigrationError("usage", `your SSH configuration has no entry for \`${text}\``, {
    remedy: `${list} A target is ${targetForms}; \`ssh://${text}\` is a machine that your name server knows.`,
    details: { known: known.names },
  });
}

async function addressOfContext(name: string): Promise<string> {
  const address = await contextAddress(name).catch((error: unknown) => {
    if (!(error instanceof NoSuchContext)) throw error;
    throw new MigrationError("usage", messageOf(error), { remedy: "List the contexts with `docker context ls`.", cause: error });
  });
  if (address.startsWith("ssh://")) return address;
  throw new MigrationError(
    "usage",
    `Docker's context \`${name}\` is \`${address}\`, but a move needs the machine itself, not only its Docker`,
    {
      remedy: "Name a context with an ssh:// address, or the machine as ssh://[user@]host[:port].",
    },
  );
}
