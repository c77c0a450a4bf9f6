import { open, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { TrackerError } from '../../domain/errors.ts';
import type { Terminal } from '../context.ts';
import type { Sink } from './sink.ts';

/** Where an export goes, from its first byte to its end. */
export interface Output extends Sink {
  /** What a person calls it. */
  readonly name: string;
  /** Makes what was written valid, under its own name. */
  readonly commit: () => Promise<void>;
  /** Takes away what was written so far, where that is possible. */
  readonly discard: () => Promise<void>;
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'its folder does not exist. Make the folder, or name another file with --output',
  ENOTDIR: 'its folder is a file. Name another one with --output',
  EISDIR: 'it is a folder. Name a file in it',
  EACCES: 'you may not write there. Name another file with --output',
  EPERM: 'you may not write there. Name another file with --output',
  EROFS: 'the disk cannot be written to. Name a file elsewhere with --output',
  ENOSPC: 'the disk is full. Make room, or name a file elsewhere with --output',
  EDQUOT: 'your share of the disk is used up. Make room, or name a file elsewhere with --output',
  EFBIG: 'it is larger than files may be there. Export less by filters, or name a file elsewhere with --output',
};

const codeOf = (error: unknown): string | undefined => {
  const { code } = Object(error) as { readonly code?: unknown };
  return typeof code === 'string' ? code : undefined;
};

/** What a person can do about a file that cannot be written. Anything else comes back as it is. */
const explained = (error: unknown, file: string): unknown => {
  const code = codeOf(error);
  const reason = code === undefined ? undefined : REASONS[code];
  if (reason === undefined) return error;
  return new TrackerError('EXPORT_FAILED', `${file} cannot be written: ${reason}.`, { cause: error });
};

const translating =
  (file: string) =>
  async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw explained(error, file);
    }
  };

const kindOf = async (file: string): Promise<'absent' | 'file' | 'folder' | 'device'> => {
  const stats = await stat(file).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  });
  if (stats === undefined) return 'absent';
  if (stats.isDirectory()) return 'folder';
  // Pipes and devices hold nothing that could be lost, and cannot be renamed to.
  return stats.isFile() ? 'file' : 'device';
};

const refuse = (message: string): never => {
  throw new TrackerError('EXPORT_FAILED', message);
};

const close = (handle: FileHandle): Promise<void> => handle.close().catch(() => undefined);

/**
 * A file that appears under its name once it is complete: until then it is `<file>.partial`, so that nobody takes half
 * of the jobs for all of them.
 *
 * @throws TrackerError EXPORT_FAILED where it is there already and not forced, or cannot be written
 */
export const fileOutput = async (file: string, { force }: { readonly force: boolean }): Promise<Output> => {
  const translated = translating(file);
  const kind = await translated(() => kindOf(file));
  if (kind === 'folder') refuse(`${file} cannot be written: ${REASONS['EISDIR'] ?? ''}.`);
  if (kind === 'file' && !force) {
    refuse(`${file} is there already. Name another file with --output, or replace it with --force.`);
  }
  const path = kind === 'device' ? file : `${file}.partial`;
  const handle = await translated(() => open(path, 'w'));
  return {
    name: file,
    write: (piece) => translated(() => handle.writeFile(piece)),
    commit: () =>
      translated(async () => {
        // Devices have nothing to be kept.
        if (kind !== 'device') await handle.sync();
        await handle.close();
        if (kind !== 'device') await rename(path, file);
      }),
    discard: async () => {
      await close(handle);
      if (kind !== 'device') await rm(path, { force: true });
    },
  };
};

/** Characters that a terminal would obey, or turn a line by, apart from line breaks and tabs. JSON escapes some, CSV none. */
// eslint-disable-next-line no-control-regex -- they are what is looked for
const COMMANDS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** Standard output. On a terminal, what would change it is left out: records are other people's words. */
export const standardOutput = (terminal: Terminal): Output => ({
  name: 'standard output',
  write: (piece) =>
    terminal.write(terminal.isTerminal && typeof piece === 'string' ? piece.replace(COMMANDS, '') : piece),
  commit: () => Promise.resolve(),
  discard: () => Promise.resolve(),
});
