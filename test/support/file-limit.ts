/**
 * Loaded first by the process of a test file: ends it when it takes far too long, as the runner does not when a test that was given up
 * keeps it alive (node 26). The longest file takes six minutes on two cores.
 */
const limitMinutes = 12;

setTimeout(() => {
  console.error(
    `${process.argv[1]} did not end within ${limitMinutes} min; at work: ${process.getActiveResourcesInfo().join(", ")}`,
  );
  process.exit(1);
}, limitMinutes * 60_000).unref();
