import type { Terminal } from '../context.ts';

/** One JSON document on standard output, which is all that `--json` prints there. */
export const printJson = ({ print }: Pick<Terminal, 'print'>, value: unknown): void => {
  print(JSON.stringify(value, null, 2));
};
