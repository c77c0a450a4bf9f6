import { isAscii, isUtf8 } from 'node:buffer';

/** A longer line is beyond every limit of tokens, and would not fit into memory with others. */
export const LONGEST_LINE = 2 * 1024 * 1024;

/** The text of a line, or why it has none. */
export type Line = { readonly text: string } | { readonly flaw: 'not UTF-8' | 'too long' };

const NEWLINE = 0x0a;

const lineOf = (bytes: Buffer): Line => (isUtf8(bytes) ? { text: bytes.toString('utf8') } : { flaw: 'not UTF-8' });

export interface LineReader {
  /** Takes the next bytes; they may be overwritten afterwards. */
  readonly push: (chunk: Buffer) => void;
  /** Gives the last line, where it does not end in a line break. */
  readonly end: () => void;
}

/** Cuts bytes into lines in constant memory. `onLine` gets each line, in order, without its line break. */
export const createLineReader = (onLine: (line: Line) => void): LineReader => {
  /** The beginning of a line whose end has not come yet. */
  let begun: Buffer[] = [];
  let length = 0;

  const keep = (bytes: Buffer): void => {
    length += bytes.byteLength;
    // Of a line that is too long nothing but its length is needed.
    if (length > LONGEST_LINE) begun = [];
    else begun.push(Buffer.from(bytes));
  };

  const finish = (): void => {
    const line: Line = length > LONGEST_LINE ? { flaw: 'too long' } : lineOf(Buffer.concat(begun));
    begun = [];
    length = 0;
    onLine(line);
  };

  /** Whole lines in one piece: their encoding is looked at once for all of them. */
  const readLines = (bytes: Buffer): void => {
    const encoding = isAscii(bytes) ? 'latin1' : isUtf8(bytes) ? 'utf8' : undefined;
    let start = 0;
    while (start < bytes.byteLength) {
      const end = bytes.indexOf(NEWLINE, start);
      if (end - start > LONGEST_LINE) onLine({ flaw: 'too long' });
      else if (encoding === undefined) onLine(lineOf(bytes.subarray(start, end)));
      else onLine({ text: bytes.toString(encoding, start, end) });
      start = end + 1;
    }
  };

  return {
    push: (chunk) => {
      let start = 0;
      if (length > 0) {
        const end = chunk.indexOf(NEWLINE);
        if (end === -1) {
          keep(chunk);
          return;
        }
        keep(chunk.subarray(0, end));
        finish();
        start = end + 1;
      }
      const last = chunk.lastIndexOf(NEWLINE);
      if (last >= start) readLines(chunk.subarray(start, last + 1));
      const rest = Math.max(start, last + 1);
      if (rest < chunk.byteLength) keep(chunk.subarray(rest));
    },
    end: () => {
      if (length > 0) finish();
    },
  };
};
