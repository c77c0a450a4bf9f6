import { open, rename, rm, stat } from 'node:fs/promises';
import { extname } from 'node:path';
import { TrackerError } from '../../domain/errors.ts';
import type { Terminal } from '../context.ts';

export const FORMATS = ['ndjson', 'csv', 'parquet'] as const;
export type Format = (typeof FORMATS)[number];

const BY_EXTENSION: Readonly<Record<string, Format>> = {
  '.ndjson': 'ndjson',
  '.jsonl': 'ndjson',
  '.csv': 'csv',
  '.parquet': 'parquet',
};

/**
 * The given format, or that of the file's name; NDJSON for standard output.
 *
 * @throws TrackerError BAD_REQUEST where the name has no known extension, or the format needs a file
 */
export const formatOf = (given: Format | undefined, file: string | undefined): Format => {
  const format = given ?? (file === undefined ? 'ndjson' : BY_EXTENSION[extname(file).toLowerCase()]);
  if (format === undefined) {
    const name = file ?? '';
    throw new TrackerError(
      'BAD_REQUEST',
      `The name ${name} does not tell the format: end it in .csv, .ndjson or .parquet, or give --format.`,
    );
  }
  if (format === 'parquet' && file === undefined) {
    throw new TrackerError('BAD_REQUEST', 'Parquet needs a file: name one, such as --output jobs.parquet.');
  }
  return format;
};

/** Where bytes go. */
export interface Sink {
  /** Resolves when there is room for more: a writer that awaits it holds at most one piece in memory. */
  readonly write: (piece: string | Uint8Array) => Promise<void>;
}

/** Where an export goes, from its first byte to its end. */
export interface Output extends Sink {
  /** Makes what was written valid, under its own name. */
  readonly commit: () => Promise<void>;
  /** Removes what was written so far, where that is possible. */
  readonly discard: () => Promise<void>;
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'its folder does not exist. Make the folder, or name another file with --output',
  ENOTDIR: 'its folder is a file. Name another one with --output',
  EISDIR: 'it is a folder. Name a file in it',
  EACCES: 'you may not write there. Name another file with --output',
  EPERM: 'you may not write there. Name another file with --output',
  EROFS: 'the disk is read-only. Name a file elsewhere with --output',
  ENOSPC: 'the disk is full. Make room, or name a file elsewhere with --output',
  EDQUOT: 'your disk quota is used up. Make room, or name a file elsewhere with --output',
  EFBIG: 'it is larger than files may be there. Export less by filters, or name a file elsewhere with --output',
};

const failed = (message: string, cause?: unknown) => new TrackerError('EXPORT_FAILED', message, { cause });

const cannotWrite = (file: string, reason: string, cause?: unknown) =>
  failed(`${file} cannot be written: ${reason}.`, cause);

const codeOf = (error: unknown): string => String((Object(error) as { readonly code?: unknown }).code);

/** Says what a person can do about a file that cannot be written. Other errors pass. */
const explaining = async <T>(file: string, work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (error) {
    const reason = REASONS[codeOf(error)];
    throw reason === undefined ? error : cannotWrite(file, reason, error);
  }
};

const kindOf = async (file: string): Promise<'absent' | 'file' | 'folder' | 'device'> => {
  const stats = await stat(file).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  });
  if (stats === undefined) return 'absent';
  if (stats.isDirectory()) return 'folder';
  // Pipes and devices have no contents to lose, and a file cannot be renamed to them.
  return stats.isFile() ? 'file' : 'device';
};

/**
 * A file that appears under its name once it is complete: until then it is `<file>.partial`, so that nobody takes half
 * of the jobs for all of them.
 *
 * @throws TrackerError EXPORT_FAILED where it exists and is not forced, or cannot be written
 */
export const fileOutput = async (file: string, { force }: { readonly force: boolean }): Promise<Output> => {
  const kind = await explaining(file, () => kindOf(file));
  if (kind === 'folder') throw cannotWrite(file, REASONS['EISDIR'] ?? '');
  if (kind === 'file' && !force)
    throw failed(`${file} exists already. Name another file with --output, or replace it with --force.`);
  const isDevice = kind === 'device';
  const path = isDevice ? file : `${file}.partial`;
  const handle = await explaining(file, () => open(path, 'w'));
  return {
    write: (piece) => explaining(file, () => handle.writeFile(piece)),
    commit: () =>
      explaining(file, async () => {
        if (!isDevice) await handle.sync();
        await handle.close();
        if (!isDevice) await rename(path, file);
      }),
    discard: async () => {
      await handle.close().catch(() => undefined);
      if (!isDevice) await rm(path, { force: true });
    },
  };
};

/** Characters that a terminal obeys, or that turn a line, except line breaks and tabs. JSON escapes some, CSV none. */
// eslint-disable-next-line no-control-regex -- control characters are what it looks for
const COMMANDS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** Standard output. For a terminal, such characters are left out: records are other people's words. */
export const standardOutput = (terminal: Terminal): Output => ({
  write: (piece) =>
    terminal.write(terminal.isTerminal && typeof piece === 'string' ? piece.replace(COMMANDS, '') : piece),
  commit: () => Promise.resolve(),
  discard: () => Promise.resolve(),
});
