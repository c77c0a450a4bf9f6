/**
 * Whether the text of a time begins with a day that there is. `Date` takes the 30th of February for the 2nd of March, and
 * what a person meant by it nobody knows.
 */
export const beginsWithDay = (text: string): boolean => {
  const day = text.slice(0, 10);
  const ms = Date.parse(`${day}T00:00:00Z`);
  return !Number.isNaN(ms) && new Date(ms).toISOString().slice(0, 10) === day;
};

/** With its offset: a time without one would be another where the server runs than where the person is. */
const TIME = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d))?$/i;

/** Whether a text is a day, or a time with its offset, that there is. */
export const isDayOrTime = (text: string): boolean =>
  TIME.test(text) && beginsWithDay(text) && !Number.isNaN(Date.parse(text));
