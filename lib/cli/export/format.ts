import { extname } from 'node:path';
import { TrackerError } from '../../domain/errors.ts';

export const FORMATS = ['ndjson', 'csv', 'parquet'] as const;
export type Format = (typeof FORMATS)[number];

const BY_EXTENSION: Readonly<Record<string, Format>> = {
  '.ndjson': 'ndjson',
  '.jsonl': 'ndjson',
  '.csv': 'csv',
  '.parquet': 'parquet',
};

/**
 * The format that is asked for, or that the file's name says; NDJSON for standard output.
 *
 * @throws TrackerError BAD_REQUEST where the name says none, or the format needs a file
 */
export const formatOf = (asked: Format | undefined, file: string | undefined): Format => {
  const format = asked ?? (file === undefined ? 'ndjson' : BY_EXTENSION[extname(file).toLowerCase()]);
  if (format === undefined) {
    throw new TrackerError(
      'BAD_REQUEST',
      `The name ${file ?? ''} does not say which format it is to have: end it in .csv, .ndjson or .parquet, or give --format.`,
    );
  }
  if (format === 'parquet' && file === undefined) {
    throw new TrackerError(
      'BAD_REQUEST',
      'Parquet is written to a file, which is there once it is complete: name one, such as --output jobs.parquet.',
    );
  }
  return format;
};

/** A number as a person reads it: `12,345.5`. */
export const grouped = (value: number): string => value.toLocaleString('en-US', { maximumFractionDigits: 1 });

export const countedJobs = (count: number): string => `${grouped(count)} ${count === 1 ? 'job' : 'jobs'}`;
