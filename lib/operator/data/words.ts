import type { Problem } from '../../data-check/problems.ts';
import type { CreateRequest } from '../../service-model/model.ts';
import { visible } from '../visible.ts';
import { checkWords, type RequestCheck } from './check-data.ts';

/** Ranges of lines that are named of one problem. */
const MOST_RANGES = 6;

const formatCount = (count: number): string => count.toLocaleString('en-US');

/** `line 7`, or `lines 1–3, 5, 7–8`. */
const wordLines = ({ lines, count }: Problem): string => {
  const shown = lines.slice(0, MOST_RANGES);
  const words = shown.map(([first, last]) =>
    first === last ? formatCount(first) : `${formatCount(first)}–${formatCount(last)}`,
  );
  const rest = count - shown.reduce((sum, [first, last]) => sum + last - first + 1, 0);
  const more = rest <= 0 ? '' : ` and ${formatCount(rest)} more`;
  return `${count === 1 ? 'line' : 'lines'} ${words.join(', ')}${more}`;
};

/** `line 7: messages[1].content is empty: …` */
export const wordProblem = (problem: Problem): string => {
  const { severity, path, text } = problem;
  const mark = severity === 'warning' ? 'warning: ' : '';
  return `${wordLines(problem)}: ${mark}${path === '' ? '' : `${visible(path)} `}${visible(text)}`;
};

/** What a person is told of the data of a request, in short. */
export interface DataFindings {
  /** Whether a job with these data would not fail for them. */
  readonly ok: boolean;
  /** The first problems, or where it is ok, warnings: each with its lines, and what to change. */
  readonly told: readonly string[];
  /** How many more there are. */
  readonly more: number;
  /** The words of the command that tells more of them. */
  readonly command?: readonly string[];
}

const MOST_TOLD = 5;

/** The first problems of a check; without problems, what was not checked and the warnings. */
export const findingsOf = (request: CreateRequest, { report, skipped }: RequestCheck): DataFindings => {
  const ok = report?.ok !== false;
  const severity = ok ? 'warning' : 'error';
  const files = report?.files ?? [];
  const ofLines = files.flatMap(({ name, problems }) =>
    problems
      .filter((problem) => problem.severity === severity)
      .map((problem) => ({ told: `${visible(name)}, ${wordProblem(problem)}`, count: problem.count })),
  );
  const ofFiles = [...(report?.problems ?? []), ...(ok ? skipped : [])].map((text) => ({
    told: visible(text),
    count: 1,
  }));
  const told = [...ofFiles, ...ofLines].slice(0, MOST_TOLD);
  const all = files.reduce((sum, file) => sum + file[`${severity}s`], ofFiles.length);
  const command = checkWords(request);
  return {
    ok,
    told: told.map((each) => each.told),
    more: all - told.reduce((sum, { count }) => sum + count, 0),
    ...(command !== undefined && { command }),
  };
};
