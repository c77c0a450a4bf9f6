import { clearLine, cursorTo } from 'node:readline';
import type { WriteStream } from 'node:tty';

/** One line at the end of a terminal that is written anew each time. */
export interface LiveLine {
  readonly draw: (text: string) => void;
  /** Takes the line away. */
  readonly clear: () => void;
}

const DEFAULT_COLUMNS = 80;

/** Draws on standard error, so that what was asked for stays alone. Text is to be safe to print, and in ASCII mostly. */
export const createLiveLine = (
  stream: Pick<WriteStream, 'write' | 'columns'> & NodeJS.WritableStream = process.stderr,
): LiveLine => {
  const clear = () => {
    cursorTo(stream, 0);
    clearLine(stream, 0);
  };
  return {
    draw: (text) => {
      clear();
      // The last column stays free: some terminals go to the next line when it is written.
      stream.write(text.slice(0, (stream.columns || DEFAULT_COLUMNS) - 1));
    },
    clear,
  };
};
