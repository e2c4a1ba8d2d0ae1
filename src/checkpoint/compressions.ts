/** How archives are compressed; apart from what does it, which the command line needs not load for its help. */
export const compressions = ["zstd", "gzip", "none"] as const;
export type Compression = (typeof compressions)[number];
