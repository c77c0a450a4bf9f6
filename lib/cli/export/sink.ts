/** Where an export's bytes go. */
export interface Sink {
  /** Resolves when there is room for more: whoever waits for it holds no more than one piece in memory. */
  readonly write: (piece: string | Uint8Array) => Promise<void>;
}

const PIECE_LENGTH = 64 * 1024;

/** Gathers short texts, as one write for each record would take most of the time. */
export const gathered = (sink: Sink): Sink & { readonly flush: () => Promise<void> } => {
  let texts: string[] = [];
  let length = 0;
  const flush = async () => {
    if (length === 0) return;
    const piece = texts.join('');
    texts = [];
    length = 0;
    await sink.write(piece);
  };
  return {
    write: async (piece) => {
      if (typeof piece !== 'string') throw new TypeError('Only text is gathered.');
      texts.push(piece);
      length += piece.length;
      if (length >= PIECE_LENGTH) await flush();
    },
    flush,
  };
};
