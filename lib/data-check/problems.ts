/** An error makes the job fail; a warning does not. */
export type Severity = 'error' | 'warning';

/** Takes what is wrong with one record, and what to change. The path names the member, such as `messages[1].content`. */
export interface Tell {
  readonly error: (path: string, text: string) => void;
  readonly warning: (path: string, text: string) => void;
}

export type JsonObject = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Absent, or null, which AWS's own validators take for absent. */
export const isAbsent = (value: unknown): value is null | undefined => value === undefined || value === null;

export const isBlank = (text: string): boolean => !/\S/.test(text);

const LONGEST_QUOTE = 40;
const PLAIN = /^[ -~]*$/;

/** A value of the data inside a sentence: what it is, and short. */
export const quoted = (value: unknown): string => {
  if (Array.isArray(value)) return 'a list';
  if (isObject(value)) return 'an object';
  if (typeof value !== 'string') return JSON.stringify(value);
  // A file may be wrong in each line, and most values are plain.
  const begin = value.slice(0, 4 * LONGEST_QUOTE);
  const line = PLAIN.test(begin) ? begin : begin.replaceAll(/[\p{C}\p{Z}\s]+/gu, ' ');
  return `"${line.length > LONGEST_QUOTE ? `${line.slice(0, LONGEST_QUOTE).toWellFormed()}…` : line.toWellFormed()}"`;
};

/** What is wrong with some lines, and what to change: files are often wrong in the same way everywhere. */
export interface Problem {
  readonly severity: Severity;
  /** The member that it is about, such as `messages[1].content`; empty for the whole record. */
  readonly path: string;
  readonly text: string;
  /** How many lines have it. */
  readonly count: number;
  /** These lines, from 1, as ranges of a first and a last one. */
  readonly lines: readonly (readonly [first: number, last: number])[];
}

interface Growing extends Problem {
  count: number;
  readonly lines: [number, number][];
}

/** Problems of a severity that are kept, and ranges of all. What is beyond is counted. */
export const MOST_PROBLEMS = 5_000;
const MOST_RANGES = 50_000;

export interface ProblemList {
  readonly add: (severity: Severity, line: number, path: string, text: string) => void;
  readonly count: (severity: Severity) => number;
  readonly all: () => readonly Problem[];
}

/** Collects the problems of lines in constant memory. */
export const createProblemList = (): ProblemList => {
  const problems = new Map<string, Growing>();
  const counts = { error: 0, warning: 0 };
  const kept = { error: 0, warning: 0 };
  let ranges = 0;

  const problemAt = (severity: Severity, path: string, text: string): Growing | undefined => {
    const key = `${severity} ${path}: ${text}`;
    const known = problems.get(key);
    if (known !== undefined || kept[severity] === MOST_PROBLEMS) return known;
    kept[severity] += 1;
    const problem: Growing = { severity, path, text, count: 0, lines: [] };
    problems.set(key, problem);
    return problem;
  };

  return {
    add: (severity, line, path, text) => {
      counts[severity] += 1;
      const problem = problemAt(severity, path, text);
      if (problem === undefined) return;
      problem.count += 1;
      const range = problem.lines.at(-1);
      if (range !== undefined && line <= range[1] + 1) range[1] = line;
      else if (ranges < MOST_RANGES) {
        ranges += 1;
        problem.lines.push([line, line]);
      }
    },
    count: (severity) => counts[severity],
    all: () => [...problems.values()],
  };
};
