/**
 * Loaded into the local run's process ahead of it (`node --expose-gc --import`): tells the parent what memory it holds,
 * and of what nobody handled.
 */
const SAMPLE_MS = 5_000;
/** A collection stops everything for a moment, so that not every sample can have one. */
const COLLECTIONS = 2;

let samples = 0;

const sample = (): void => {
  const collected = samples % COLLECTIONS === 0;
  if (collected) globalThis.gc?.();
  samples += 1;
  const { rss, heapUsed } = process.memoryUsage();
  process.send?.({ kind: 'memory', rss, ...(collected && { heapUsed }) });
};

const report = (kind: string) => (problem: unknown) => {
  process.send?.({ kind, message: problem instanceof Error ? (problem.stack ?? problem.message) : String(problem) });
};

process.on('unhandledRejection', report('unhandled rejection'));
process.on('uncaughtExceptionMonitor', report('uncaught exception'));
process.on('warning', (warning) => {
  if (warning.name !== 'ExperimentalWarning') report('warning')(warning);
});
setInterval(sample, SAMPLE_MS).unref();
// The channel to the parent must not keep a run alive that was told to stop.
process.channel?.unref();
