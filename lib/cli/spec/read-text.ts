import { createReadStream } from 'node:fs';
import { TrackerError } from '../../domain/errors.ts';

/** A spec has some 2 kB; one with all that the API takes, and 400 of its longest tags, less than 200. */
const MAX_SPEC_BYTES = 256 * 1024;

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EISDIR: 'it is a folder',
  EACCES: 'you may not read it',
  ERR_ENCODING_INVALID_ENCODED_DATA: 'it is no UTF-8 text',
};

const unreadable = (name: string, reason: string, cause?: unknown): TrackerError =>
  new TrackerError('BAD_SPEC', `${name} cannot be read as a spec: ${reason}.`, { cause });

const bytesOf = async (stream: AsyncIterable<unknown>, name: string): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of stream) {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : (chunk as Buffer);
    chunks.push(bytes);
    length += bytes.length;
    if (length > MAX_SPEC_BYTES) throw unreadable(name, 'it has more than 256 kB');
  }
  return Buffer.concat(chunks);
};

/**
 * The text of a spec: of a file, or for `-` of standard input. No more than the limit is read, whatever it is read from.
 *
 * @throws TrackerError BAD_SPEC
 */
export const readSpecText = async (
  path: string,
  input: { readonly stdin: AsyncIterable<unknown> },
): Promise<string> => {
  const name = path === '-' ? 'Standard input' : path;
  try {
    const bytes = await bytesOf(path === '-' ? input.stdin : createReadStream(path), name);
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    if (error instanceof TrackerError) throw error;
    const { code, message } = Object(error) as { readonly code?: unknown; readonly message?: unknown };
    if (typeof code !== 'string') throw error;
    throw unreadable(name, REASONS[code] ?? String(message), error);
  }
};
