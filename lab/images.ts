import { join } from "node:path";
import { execa } from "execa";
import { quoteWord } from "../src/host/quote.ts";
import { progress, run } from "./command.ts";
import { dockerProgram, ensureLocalDocker } from "./docker.ts";
import { withLock } from "./lock.ts";
import type { LabMachine } from "./machines.ts";
import { cacheFolder } from "./paths.ts";
import { buildOnce } from "./recipe-cache.ts";

export const imageNames = [
  "redis",
  "python",
  "nginx",
  "postgres",
  "node",
  "nodejs",
  "go",
  "musl",
  "redis-arm64",
  "python-arm64",
] as const;
export type ImageName = (typeof imageNames)[number];

/** The label that tells which recipe an image in Docker was made from. */
const keyLabel = "migrate-container.lab.key";

/** The first start makes the database. Page checksums find damage whenever a page is read. */
const startPostgres = [
  "if [ ! -e $PGDATA/PG_VERSION ]; then initdb --data-checksums --auth trust && echo host all all all trust >>$PGDATA/pg_hba.conf; fi",
  "exec postgres -c listen_addresses=*",
].join("; ");

interface ImageRecipe {
  readonly tag: string;
  readonly settings: readonly string[];
  /** Default: linux/amd64 */
  readonly platform?: string;
  /** Default: build-image.sh */
  readonly script?: string;
  /** What else changes the image. */
  readonly files?: readonly string[];
}

const redisSettings = [
  'CMD ["redis-server","--save","","--appendonly","no","--protected-mode","no"]',
  "EXPOSE 6379",
  "WORKDIR /data",
];

const images: Readonly<Record<ImageName, ImageRecipe>> = {
  redis: { tag: "migrate-container/redis:7", settings: redisSettings },
  "redis-arm64": { tag: "migrate-container/redis-arm64:7", settings: redisSettings, platform: "linux/arm64" },
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
  "python-arm64": { tag: "migrate-container/python-arm64:3.11", settings: ['CMD ["python3"]'], platform: "linux/arm64" },
  node: { tag: "migrate-container/node:latest", settings: ['CMD ["node"]'], files: ["../../node_modules/node/package.json"] },
  nodejs: { tag: "migrate-container/nodejs:18", settings: ['CMD ["node"]'] },
  go: {
    tag: "migrate-container/go-service:1.19",
    settings: ['CMD ["/service"]'],
    script: "build-service-image.sh",
    files: ["service.go"],
  },
  musl: {
    tag: "migrate-container/musl-service:1.2",
    settings: ['CMD ["/service-static"]'],
    script: "build-service-image.sh",
    files: ["service.c"],
  },
};

/** Whether `name` is an image that the lab can make. */
export function isImageName(name: string | undefined): name is ImageName {
  return name !== undefined && Object.hasOwn(images, name);
}

/**
 * Makes sure that the local Docker has an image with the program, built from
 * signed Debian packages (the newest Node.js: from its npm package).
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
  const { tag, settings, platform = "linux/amd64", script = "build-image.sh", files = [] } = images[name];
  const { path, key } = await buildOnce({
    name: `image-${name}`,
    script,
    parameters: [name],
    files: ["debian.sh", ...files],
  });
  const [program, ...first] = docker;
  const labelled = quoted(`{{index .Config.Labels "${keyLabel}"}}`);
  // Of two that import at the same time, one would take the name from the image that the other's containers are of.
  await withLock(join(cacheFolder, `${name}.import.lock`), async () => {
    const present = await execa(program, [...first, "image", "inspect", "--format", labelled, tag], { reject: false });
    if (present.stdout !== key) {
      progress(`importing ${tag} into Docker…`);
      const changes = [...settings, `LABEL ${keyLabel}=${key}`].flatMap((change) => ["--change", quoted(change)]);
      await run(program, [...first, "import", "--platform", platform, ...changes, "-", tag], { inputFile: path });
    }
  });
  return tag;
}
