import { distance } from 'fastest-levenshtein';
import { visible } from '../output/text.ts';

/** One thing that is wrong with a request that a person wrote. */
export interface SpecProblem {
  /** `trainingDataConfig.s3Uri`, `jobTags[1].key`, or the flag that brought the value. */
  readonly where: string;
  /** What is wrong and what would be right. */
  readonly text: string;
  /** Where it stands in the spec. */
  readonly line?: number;
}

const MAX_QUOTED = 80;
/** A spec may be all wrong, and what is said about it should stay readable. */
const MAX_LISTED = 50;

/** Somebody's text in a sentence: safe to print, on one line and not longer than can be read. */
export const shown = (text: string): string =>
  visible(text.length > MAX_QUOTED ? `${text.slice(0, MAX_QUOTED)}…` : text).toWellFormed();

const lettersOf = (name: string): string => name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');

/** What a person may have meant: the same letters in another case, else the nearest name that is near. */
export const nearest = (name: string, known: readonly string[]): string | undefined => {
  const letters = lettersOf(name).slice(0, MAX_QUOTED);
  const [best] = known
    .map((candidate) => ({ candidate, far: distance(letters, lettersOf(candidate)) }))
    .sort((a, b) => a.far - b.far);
  return best !== undefined && best.far <= Math.max(1, Math.floor(letters.length / 3)) ? best.candidate : undefined;
};

const lineOf = ({ line, where, text }: SpecProblem): string =>
  `  ${line === undefined ? '' : `line ${line}: `}${where === '' ? '' : `${shown(where)}: `}${text}`;

/** In the order of the spec; what has no place in it comes last, in the order in which it was found. */
const inOrder = (problems: readonly SpecProblem[]): readonly SpecProblem[] =>
  problems.toSorted((a, b) => (a.line ?? Infinity) - (b.line ?? Infinity) || 0);

/** All problems, a line each, under a line that counts them. */
export const listed = (problems: readonly SpecProblem[], of: string): string =>
  [
    `${of} has ${problems.length === 1 ? 'a problem' : `${problems.length} problems`}, and nothing was sent:`,
    ...inOrder(problems).slice(0, MAX_LISTED).map(lineOf),
    ...(problems.length > MAX_LISTED ? [`  … and ${problems.length - MAX_LISTED} more`] : []),
  ].join('\n');
