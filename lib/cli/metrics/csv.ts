import { stringify } from 'csv-stringify/sync';
import type { Terminal } from '../context.ts';
import type { Series } from './series.ts';

const COLUMNS = ['job_arn', 'job_name', 'curve', 'step', 'epoch', 'loss', 'perplexity'];
/** Lines that are written at once. */
const CHUNK = 5_000;

/** Every point as a line of CSV, with its job and curve. */
export const writeCsv = async (series: readonly Series[], { write }: Terminal): Promise<void> => {
  await write(stringify([COLUMNS]));
  for (const { job, curve, points } of series) {
    for (let start = 0; start < points.length; start += CHUNK) {
      const lines = points
        .slice(start, start + CHUNK)
        .map(({ step, epoch, loss, perplexity }) => [job.job_arn, job.job_name, curve, step, epoch, loss, perplexity]);
      await write(stringify(lines));
    }
  }
};
