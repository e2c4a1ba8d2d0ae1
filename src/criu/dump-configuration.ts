/**
 * What a dump needs that runtimes have no option for. CRIU reads it from the file that this environment variable names
 * (criu/config.c, next_config); runtimes hand their environment on.
 */
export const dumpConfigurationVariable = "CRIU_CONFIG_FILE";

/** Unlinked files up to this size are in the dump; CRIU's own limit is 1 MiB. It counts in 32 bits. */
export const dumpConfiguration = "ghost-limit 3G\n";
