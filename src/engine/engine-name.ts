/** The engines that containers can be taken from, as people write them before a container: `podman:web`. */
export type EngineName = "docker" | "podman";

/** How each is called in sentences. Its program has the name itself: `podman rm web`. */
export const engineTitles: Readonly<Record<EngineName, string>> = { docker: "Docker", podman: "Podman" };
