import { stripVTControlCharacters } from 'node:util';

const DELETE = 0x7f;
const FIRST_PRINTABLE = 0x20;
/** Where Unicode has pictures of the control characters: ␀ to ␟, and ␡. */
const PICTURES = 0x2400;
const PICTURE_OF_DELETE = 0x2421;

/** Control characters, and what turns the direction of a line or hides in it: text that shows as something else. */
// eslint-disable-next-line no-control-regex -- these are what is looked for
const HIDDEN = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]/g;

const picture = (character: string): string => {
  const code = character.codePointAt(0) ?? 0;
  if (code < FIRST_PRINTABLE) return String.fromCodePoint(PICTURES + code);
  if (code === DELETE) return String.fromCodePoint(PICTURE_OF_DELETE);
  return `\\u${code.toString(16).padStart(4, '0')}`;
};

/**
 * AWS's text and people's (names, tags, failure messages) as one line that is safe to print: terminal sequences are
 * taken out, and whatever else would move the cursor or hide is made visible.
 */
export const visible = (text: string): string => stripVTControlCharacters(text).replace(HIDDEN, picture).toWellFormed();

/** The same where the text may have lines of its own: these stay, the rest is made visible. */
export const visibleLines = (text: string): string[] => text.split(/\r\n|\n|\r/).map(visible);
