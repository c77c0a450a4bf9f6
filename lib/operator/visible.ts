import { stripVTControlCharacters } from 'node:util';

const DELETE = 0x7f;
const FIRST_PRINTABLE = 0x20;
/** Unicode has pictures of the control characters: ␀ to ␟, and ␡. */
const PICTURES = 0x2400;
const PICTURE_OF_DELETE = 0x2421;

/** Control characters, and characters that turn the direction of a line or are invisible: text that misleads. */
// eslint-disable-next-line no-control-regex -- control characters are what it looks for
const HIDDEN = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]/g;

const escapeCharacter = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

const picture = (character: string): string => {
  const code = character.charCodeAt(0);
  if (code < FIRST_PRINTABLE) return String.fromCharCode(PICTURES + code);
  return code === DELETE ? String.fromCharCode(PICTURE_OF_DELETE) : escapeCharacter(character);
};

/**
 * Text of AWS and of users (names, tags, failure messages) as one line that is safe to print: terminal sequences are
 * removed, and other characters that move the cursor or hide are made visible.
 */
export const visible = (text: string): string => stripVTControlCharacters(text).replace(HIDDEN, picture).toWellFormed();

/** The same for text of several lines: the line breaks stay. */
export const visibleLines = (text: string): string[] => text.split(/\r\n|\n|\r/).map(visible);

/** Characters that JSON does not escape and a terminal obeys, or shows as something else. */
const UNESCAPED = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** JSON that is safe to print: such characters occur in its strings only, where escapes are allowed. */
export const escapeUnsafe = (json: string): string => json.replace(UNESCAPED, escapeCharacter);
