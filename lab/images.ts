import { execa } from "execa";
import { progress, run } from "./command.ts";
import { dockerProgram, ensureLocalDocker } from "./docker.ts";
import { buildOnce } from "./recipe-cache.ts";

export const imageNames = ["redis", "python", "nginx", "node", "nodejs", "go", "musl"] as const;
export type ImageName = (typeof imageNames)[number];

/** The label that tells which recipe an image in Docker was made from. */
const keyLabel = "migrate-container.lab.key";

interface ImageRecipe {
  readonly tag: string;
  readonly settings: readonly string[];
  /** Default: build-image.sh */
  readonly script?: string;
  /** What else changes the image. */
  readonly files?: readonly string[];
}

const images: Readonly<Record<ImageName, ImageRecipe>> = {
  redis: {
    tag: "migrate-container/redis:7",
    settings: ['CMD ["redis-server","--save","","--appendonly","no","--protected-mode","no"]', "EXPOSE 6379", "WORKDIR /data"],
  },
  nginx: { tag: "migrate-container/nginx:1.22", settings: ['CMD ["nginx","-g","daemon off;"]', "EXPOSE 80"] },
  python: { tag: "migrate-container/python:3.11", settings: ['CMD ["python3"]'] },
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
 * Makes sure that the local Docker has an amd64 image with the program, built from
 * signed Debian 12 packages (the newest Node.js: from its npm package).
 * @returns the image's tag
 * @throws MigrationError `setup-failed`
 */
export async function ensureImage(name: ImageName): Promise<string> {
  await ensureLocalDocker();
  const { tag, settings, script = "build-image.sh", files = [] } = images[name];
  const { path, key } = await buildOnce({
    name: `image-${name}`,
    script,
    parameters: [name],
    files: ["debian.sh", ...files],
  });
  const present = await execa(dockerProgram, ["image", "inspect", "--format", `{{index .Config.Labels "${keyLabel}"}}`, tag], {
    reject: false,
  });
  if (present.stdout !== key) {
    progress(`importing ${tag} into Docker…`);
    const changes = [...settings, `LABEL ${keyLabel}=${key}`].flatMap((change) => ["--change", change]);
    await run(dockerProgram, ["import", "--platform", "linux/amd64", ...changes, path, tag]);
  }
  return tag;
}
