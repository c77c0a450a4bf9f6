const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const UNITS = [
  { name: 'd', ms: DAY },
  { name: 'h', ms: HOUR },
  { name: 'min', ms: MINUTE },
  { name: 's', ms: SECOND },
];

/**
 * A duration for a person, in its two largest units: `2 d 4 h`, `3 h 12 min`, `1 min 42 s`, `0 s`. Rounded to the
 * second and cut, not rounded, below its second unit.
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

/** The milliseconds from one ISO-8601 time to another, or undefined where one is no time or the order is the other. */
export const millisecondsBetween = (from: string, to: string): number | undefined => {
  const ms = Date.parse(to) - Date.parse(from);
  return ms >= 0 ? ms : undefined;
};
