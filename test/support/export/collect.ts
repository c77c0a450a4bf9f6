import type { Exported } from '../../../lib/cli/export/columns.ts';
import type { Sink } from '../../../lib/cli/export/output.ts';

/** A sink that keeps what it is given. */
export const collectingSink = () => {
  const pieces: Uint8Array[] = [];
  const sink: Sink = {
    write: (piece) => {
      // A copy: writers use their memory again.
      pieces.push(Buffer.from(piece as string));
      return Promise.resolve();
    },
  };
  return { sink, pieces, bytes: () => Buffer.concat(pieces), text: () => Buffer.concat(pieces).toString('utf8') };
};

/** Records as they come out of the table, one after the other. */
export async function* streamOf(...records: readonly object[]): AsyncGenerator<Exported> {
  for (const record of records) yield await Promise.resolve(record as Exported);
}
