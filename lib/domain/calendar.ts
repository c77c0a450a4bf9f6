/**
 * Whether the text of a time begins with a day that there is. `Date` takes the 30th of February for the 2nd of March, and
 * what a person meant by it nobody knows.
 */
export const beginsWithDay = (text: string): boolean => {
  const day = text.slice(0, 10);
  const ms = Date.parse(`${day}T00:00:00Z`);
  return !Number.isNaN(ms) && new Date(ms).toISOString().slice(0, 10) === day;
};
