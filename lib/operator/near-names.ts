import { distance } from 'fastest-levenshtein';
import { compareText } from '../domain/text.ts';

const MOST_NEAR = 3;
/** Shorter parts of a name are in too many names. */
const SHORTEST_PART = 3;
const LONGEST = 100;

const lettersOf = (name: string): string =>
  name
    .slice(0, LONGEST)
    .toLowerCase()
    .replaceAll(/[^a-z0-9]/g, '');

/**
 * At most three of some names that a person may have meant, the likeliest first: a third of the letters may differ. Case
 * and punctuation do not count, nor does what is missing of a name that was given in part.
 */
export const nearNames = (text: string, names: readonly string[]): readonly string[] => {
  const wanted = lettersOf(text);
  const most = Math.max(1, Math.floor(wanted.length / 3));
  return [...new Set(names)]
    .map((name) => {
      const letters = lettersOf(name);
      const isPart = wanted.length >= SHORTEST_PART && letters.includes(wanted);
      return { name, isPart, differ: distance(wanted, letters) };
    })
    .filter(({ isPart, differ }) => isPart || differ <= most)
    .sort((a, b) => Number(b.isPart) - Number(a.isPart) || a.differ - b.differ || compareText(a.name, b.name))
    .slice(0, MOST_NEAR)
    .map(({ name }) => name);
};

/** A question to follow a sentence; empty for no names. */
export const didYouMean = (names: readonly string[]): string =>
  names.length === 0 ? '' : ` Did you mean ${names.join(' or ')}?`;

/** `CPT` of CONTINUED_PRE_TRAINING. A single word has no initials. */
const initialsOf = (name: string): string =>
  name.includes('_')
    ? name
        .split('_')
        .map((word) => word.slice(0, 1))
        .join('')
    : '';

/**
 * The one of some names that a person plainly means: written in another case or punctuation, by its initials, or by a
 * beginning of at least three letters that no other name has.
 */
export const plainName = (text: string, names: readonly string[]): string | undefined => {
  const wanted = lettersOf(text);
  const same = names.find((name) => lettersOf(name) === wanted || lettersOf(initialsOf(name)) === wanted);
  if (same !== undefined || wanted.length < SHORTEST_PART) return wanted === '' ? undefined : same;
  const beginning = names.filter((name) => lettersOf(name).startsWith(wanted));
  return beginning.length === 1 ? beginning[0] : undefined;
};
