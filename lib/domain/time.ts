/** Units of time in milliseconds. */
export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

const UNITS = [
  { name: 'd', ms: DAY },
  { name: 'h', ms: HOUR },
  { name: 'min', ms: MINUTE },
  { name: 's', ms: SECOND },
];

/**
 * A duration for a person, in its two largest units: `2 d 4 h`, `3 h 12 min`, `1 min 42 s`, `0 s`. Smaller units are cut
 * off, not rounded.
 */
export const formatDuration = (ms: number): string => {
  let rest = Math.round(ms / SECOND) * SECOND;
  const parts = UNITS.map(({ name, ms: unit }) => {
    const amount = Math.floor(rest / unit);
    rest -= amount * unit;
    return { name, amount };
  });
  const first = parts.findIndex(({ amount }) => amount > 0);
  if (first === -1) return '0 s';
  return parts
    .slice(first, first + 2)
    .filter(({ amount }) => amount > 0)
    .map(({ name, amount }) => `${amount} ${name}`)
    .join(' ');
};

/** The milliseconds from one ISO-8601 time to another, or undefined where one is not a time or the second is earlier. */
export const millisecondsBetween = (from: string, to: string): number | undefined => {
  const ms = Date.parse(to) - Date.parse(from);
  return ms >= 0 ? ms : undefined;
};

/** Whether a text begins with a valid date. `Date` reads the 30th of February as the 2nd of March. */
export const beginsWithDay = (text: string): boolean => {
  const day = text.slice(0, 10);
  const ms = Date.parse(`${day}T00:00:00Z`);
  return !Number.isNaN(ms) && new Date(ms).toISOString().slice(0, 10) === day;
};

/** A time needs its offset: without one it depends on the machine that reads it. */
const TIME = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d))?$/i;

/** Whether a text is a valid date, or a valid time with its offset. */
export const isDayOrTime = (text: string): boolean =>
  TIME.test(text) && beginsWithDay(text) && !Number.isNaN(Date.parse(text));

const WORDS: Readonly<Record<string, (year: number, month: number, day: number, weekday: number) => number>> = {
  today: (year, month, day) => Date.UTC(year, month, day),
  yesterday: (year, month, day) => Date.UTC(year, month, day - 1),
  // Weeks begin on Monday, as in ISO 8601.
  'this-week': (year, month, day, weekday) => Date.UTC(year, month, day - ((weekday + 6) % 7)),
  'last-week': (year, month, day, weekday) => Date.UTC(year, month, day - ((weekday + 6) % 7) - 7),
  'this-month': (year, month) => Date.UTC(year, month),
  'last-month': (year, month) => Date.UTC(year, month - 1),
};

/** The words that `firstMomentOf` reads. */
export const TIME_WORDS = Object.keys(WORDS);

/**
 * The first moment in UTC of a day, a month, a year (`2026-11-21`, `2026-11`, `2026`), or of a word such as `yesterday` or
 * `last month`; a time with its offset as it is. Undefined for any other text.
 */
export const firstMomentOf = (text: string, now: Date): Date | undefined => {
  const word = text
    .trim()
    .toLowerCase()
    .replaceAll(/[\s_]+/g, '-');
  const momentOf = Object.hasOwn(WORDS, word) ? WORDS[word] : undefined;
  if (momentOf !== undefined)
    return new Date(momentOf(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate(), now.getUTCDay()));
  const [, year, month = '01'] = /^(\d{4})(?:-(\d\d))?$/.exec(text) ?? [];
  const time = year === undefined ? text : `${year}-${month}-01`;
  return isDayOrTime(time) ? new Date(time) : undefined;
};
