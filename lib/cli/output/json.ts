import type { Terminal } from '../context.ts';

/** What JSON leaves as it is and a terminal obeys, or shows as something else: other control characters, and directions. */
const OBEYED = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** A value as JSON that is safe to print. Such characters are in texts alone, where JSON has another way to write them. */
export const toJson = (value: unknown, indent?: number): string =>
  JSON.stringify(value, null, indent).replace(OBEYED, escaped);

/** One JSON document on standard output, which is all that `--json` prints there. */
export const printJson = ({ print }: Pick<Terminal, 'print'>, value: unknown): void => {
  print(toJson(value, 2));
};
