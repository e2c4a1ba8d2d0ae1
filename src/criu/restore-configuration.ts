/**
 * What a restore on another machine needs that runtimes have no option for; see `dumpConfigurationVariable`. Established connections
 * come back closed: their peers are reached at another address.
 */
export const restoreConfiguration = "tcp-close\n";
