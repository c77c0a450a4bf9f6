import pico from 'picocolors';
import type { Terminal } from '../context.ts';

export type Palette = Pick<
  ReturnType<typeof pico.createColors>,
  'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'blue' | 'cyan'
>;

/** Colours where the terminal shows them, else plain text. */
export const paletteOf = ({ colour }: Pick<Terminal, 'colour'>): Palette => pico.createColors(colour);

/** A status in its colour. The word says the same: nothing is told by colour alone. */
export const paintStatus = (text: string, status: string | undefined, palette: Palette): string => {
  switch (status) {
    case 'Completed':
      return palette.green(text);
    case 'Failed':
      return palette.red(text);
    case 'Stopped':
    case 'Stopping':
      return palette.yellow(text);
    case 'InProgress':
      return palette.cyan(text);
    default:
      return text;
  }
};
