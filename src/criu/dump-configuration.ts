/**
 * What a dump needs that runtimes have no option for. CRIU reads it from the file that this environment variable names
 * (criu/config.c, next_config); runtimes hand their environment on.
 */
export const dumpConfigurationVariable = "CRIU_CONFIG_FILE";

/**
 * - Unlinked files up to this size are in the dump; CRIU's own limit is 1 MiB.
 * - A file that was opened under a name that is gone, and still has another, gets a name for the time of the dump
 *   (`link_remap.<number>`, criu/files-reg.c). In a tmpfs that name is in the dump, as for every named POSIX semaphore. In
 *   overlayfs this makes CRIU see that a removed file of the image, which has a link count of 1, is an unlinked one
 *   (check_overlayfs_fallback): so it is with libraries that were updated under a running program.
 */
export const dumpConfiguration = "ghost-limit 16G\nlink-remap\n";
