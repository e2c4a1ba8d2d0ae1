import { execa } from "execa";
import { quoteWord } from "../src/host/quote.ts";
import { progress, run } from "./command.ts";
import { dockerProgram, ensureLocalDocker } from "./docker.ts";
import type { LabMachine } from "./machines.ts";
import { buildOnce } from "./recipe-cache.ts";

export type ImageName = "redis" | "python" | "nginx" | "postgres";

/** The label that tells which recipe an image in Docker was made from. */
const keyLabel = "migrate-container.lab.key";

/** The first start makes the database. Page checksums find damage whenever a page is read. */
const startPostgres = [
  "if [ ! -e $PGDATA/PG_VERSION ]; then initdb --data-checksums --auth trust && echo host all all all trust >>$PGDATA/pg_hba.conf; fi",
  "exec postgres -c listen_addresses=*",
].join("; ");

const images: Readonly<Record<ImageName, { tag: string; settings: readonly string[] }>> = {
  redis: {
    tag: "migrate-container/redis:7",
    settings: ['CMD ["redis-server","--save","","--appendonly","no","--protected-mode","no"]', "EXPOSE 6379", "WORKDIR /data"],
  },
  nginx: { tag: "migrate-container/nginx:1.22", settings: ['CMD ["nginx","-g","daemon off;"]', "EXPOSE 80"] },
  postgres: {
    tag: "migrate-container/postgres:17",
    settings: [
      "USER postgres",
      "WORKDIR /var/lib/postgresql",
      "ENV PATH=/usr/lib/postgresql/17/bin:/usr/local/bin:/usr/bin:/bin PGDATA=/var/lib/postgresql/data LANG=C.UTF-8",
      `CMD ["sh","-c","${startPostgres}"]`,
      "EXPOSE 5432",
    ],
  },
  python: { tag: "migrate-container/python:3.11", settings: ['CMD ["python3"]'] },
};

/** Whether `name` is an image that the lab can make. */
export function isImageName(name: string | undefined): name is ImageName {
  return name !== undefined && Object.hasOwn(images, name);
}

/**
 * Makes sure that the local Docker has an amd64 image with the program, built from
 * signed Debian packages.
 * @returns the image's tag
 * @throws MigrationError `setup-failed`
 */
export async function ensureImage(name: ImageName): Promise<string> {
  await ensureLocalDocker();
  return importOnce(name, [dockerProgram], (word) => word);
}

/** The same for the Docker of a machine of the lab. */
export function ensureImageOn(machine: LabMachine, name: ImageName): Promise<string> {
  return importOnce(name, ["ssh", "-F", machine.sshConfig, machine.name, "docker"], quoteWord);
}

/**
 * @param docker the command that runs Docker's client
 * @param quoted a word as that command wants it: ssh hands all words to a shell
 */
async function importOnce(
  name: ImageName,
  docker: readonly [string, ...string[]],
  quoted: (word: string) => string,
): Promise<string> {
  const { tag, settings } = images[name];
  const { path, key } = await buildOnce({
    name: `image-${name}`,
    script: "build-image.sh",
    parameters: [name],
    files: ["debian.sh"],
  });
  const [program, ...first] = docker;
  const labelled = quoted(`{{index .Config.Labels "${keyLabel}"}}`);
  const present = await execa(program, [...first, "image", "inspect", "--format", labelled, tag], { reject: false });
  if (present.stdout !== key) {
    progress(`importing ${tag} into Docker…`);
    const changes = [...settings, `LABEL ${keyLabel}=${key}`].flatMap((change) => ["--change", quoted(change)]);
    await run(program, [...first, "import", "--platform", "linux/amd64", ...changes, "-", tag], { inputFile: path });
  }
  return tag;
}
