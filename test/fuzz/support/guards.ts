/** What every answer and every message of an error must be, whatever the parser. */

const PROTOTYPES: readonly object[] = [
  Object,
  Array,
  String,
  Number,
  Boolean,
  Function,
  Date,
  Map,
  Set,
  Error,
  RegExp,
].map((constructor) => constructor.prototype as object);

type Prototype = Readonly<Record<PropertyKey, unknown>>;

/** The members of each as they were when the tests began. Those of most are counted alone: this is done for each case. */
const BEFORE = PROTOTYPES.map((prototype, index) => {
  const keys = Reflect.ownKeys(prototype);
  const compared = index < 2 ? keys.filter((key) => key !== '__proto__') : [];
  return { keys, values: compared.map((key) => [key, (prototype as Prototype)[key]] as const) };
});

/** Throws where a prototype is not as it was when the tests began, and takes away what was added. */
export const checkPrototypes = (): void => {
  PROTOTYPES.forEach((prototype, index) => {
    const { keys, values } = BEFORE[index] ?? { keys: [], values: [] };
    const now = Reflect.ownKeys(prototype);
    const isSame = values.every(([key, value]) => (prototype as Prototype)[key] === value);
    if (now.length === keys.length && isSame) return;
    const added = now.filter((key) => !keys.includes(key));
    for (const key of added) Reflect.deleteProperty(prototype, key);
    throw new Error(`A prototype was changed: ${added.map(String).join(', ') || 'a member of it'}.`);
  });
};

/** Whether an object's prototype is one that a program makes, of this realm or another, and none that came with the data. */
const hasOwnKind = (value: object): boolean => {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === null) return true;
  if (typeof prototype !== 'object' || !Object.hasOwn(prototype, 'constructor')) return false;
  const { constructor } = prototype as { readonly constructor: unknown };
  return typeof constructor === 'function' && constructor.prototype === prototype;
};

const MOST_LOOKED_AT = 20_000;

/** Throws where something in an answer took its prototype from the input. */
export const checkAnswer = (answer: unknown): void => {
  const waiting: unknown[] = [answer];
  const seen = new Set<unknown>();
  while (waiting.length > 0 && seen.size < MOST_LOOKED_AT) {
    const value = waiting.pop();
    if (typeof value !== 'object' || value === null || seen.has(value)) continue;
    seen.add(value);
    if (!hasOwnKind(value)) throw new Error('A part of the answer has a prototype that came with the input.');
    const inside: Iterable<unknown> = value instanceof Map ? value.values() : Object.values(value);
    for (const part of inside) waiting.push(part);
  }
};

/** Controls, terminal sequences, what turns a line's direction or hides in it, and halves of characters. */
const UNSAFE =
  // eslint-disable-next-line no-control-regex -- these are what is looked for
  /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]|\p{Cs}/u;

/** Throws where a message could not stand in a log, a terminal or a page as it is. */
export const checkMessage = (message: string, longest: number, mayHaveLines: boolean): void => {
  if (message === '') throw new Error('The message is empty.');
  if (message.length > longest) throw new Error(`The message has ${message.length} characters, more than ${longest}.`);
  const [unsafe] = UNSAFE.exec(message) ?? (mayHaveLines ? [] : (/\n/.exec(message) ?? []));
  if (unsafe === undefined) return;
  const code = unsafe.codePointAt(0)?.toString(16).padStart(4, '0') ?? '';
  throw new Error(`The message has the character U+${code}: ${JSON.stringify(message.slice(0, 300))}`);
};
