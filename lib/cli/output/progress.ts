import { SingleBar } from 'cli-progress';

/** What a person sees of a long command while it runs. */
export interface Progress {
  /** How much is done, in the unit of the total. */
  readonly update: (done: number) => void;
  readonly end: () => void;
}

export const SILENT: Progress = { update: () => undefined, end: () => undefined };

export interface BarOptions {
  /** cli-progress's placeholders: {bar}, {value}, {total}, {eta_formatted}, {duration_formatted}. */
  readonly format: string;
  /** Absent where it is not known. A bar that passes it grows. */
  readonly total: number | undefined;
  /** Words {value} and {total}. */
  readonly formatValue: (value: number) => string;
}

/** Draws a bar on standard error, five times a second. */
export const startBar = ({ format, total, formatValue }: BarOptions): Progress => {
  const bar = new SingleBar({
    format,
    formatValue: (value, _, type) => (type === 'value' || type === 'total' ? formatValue(value) : value.toString()),
    barCompleteChar: '█',
    barIncompleteChar: '░',
    barsize: 30,
    fps: 5,
    hideCursor: true,
    clearOnComplete: true,
  });
  bar.start(total ?? 0, 0);
  return {
    update: (done) => {
      if (total !== undefined && done > bar.getTotal()) bar.setTotal(done);
      bar.update(done);
    },
    end: () => bar.stop(),
  };
};
