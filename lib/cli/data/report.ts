import type { FileReport } from '../../data-check/check-file.ts';
import type { DataReport } from '../../data-check/check-set.ts';
import type { Problem, Severity } from '../../data-check/problems.ts';
import { pluralize } from '../../domain/text.ts';
import { wordProblem } from '../../operator/data/words.ts';
import { formatCount, modelName, visible } from '../output/values.ts';
import { formatSize } from './source.ts';

/** Problems of a file that are printed; errors come before warnings. */
const MOST_PRINTED = 20;

const countOf = (problems: readonly Problem[], wanted: Severity): number =>
  problems.reduce((sum, { severity, count }) => sum + (severity === wanted ? count : 0), 0);

const moreThan = (printed: readonly Problem[], { errors, warnings }: FileReport): string[] => {
  const rest = [
    [errors - countOf(printed, 'error'), 'error'] as const,
    [warnings - countOf(printed, 'warning'), 'warning'] as const,
  ].flatMap(([count, noun]) => (count === 0 ? [] : [`${formatCount(count)} more ${noun}${count === 1 ? '' : 's'}`]));
  return rest.length === 0 ? [] : [`  … and ${rest.join(' and ')}; --json has more of them`];
};

const firstOf = ({ lines }: Problem): number => lines[0]?.[0] ?? Infinity;

const wordFile = (file: FileReport): string[] => {
  const { name, records, bytes, badLines, problems } = file;
  const bad = badLines === 0 ? '' : `, ${formatCount(badLines)} of them wrong`;
  const errors = problems.filter(({ severity }) => severity === 'error').slice(0, MOST_PRINTED);
  const warnings = problems.filter(({ severity }) => severity === 'warning').slice(0, MOST_PRINTED - errors.length);
  const printed = [...errors, ...warnings].sort((a, b) => firstOf(a) - firstOf(b));
  const count = `${formatCount(records)} ${records === 1 ? 'line' : 'lines'}`;
  return [
    `${visible(name)}: ${count}${bad}, ${formatSize(bytes)}`,
    ...printed.map((problem) => `  ${wordProblem(problem)}`),
    ...moreThan(printed, file),
  ];
};

const rulesOf = ({ baseModel, type, format, source = '', read = '' }: DataReport): string =>
  format === undefined
    ? `No rules are known for ${visible(modelName(baseModel))} and ${visible(type)}: checked only that each line is a JSON object in UTF-8.`
    : `Checked as ${type} data of ${visible(modelName(baseModel))} (${format}), by what AWS documented on ${read}: ${source}`;

/** A report in lines: each file with what is wrong in it, what is wrong with all of them, and by which rules. */
export const wordReport = (report: DataReport): string[] => [
  ...report.files.flatMap(wordFile),
  ...report.problems.map(visible),
  ...(report.files.length === 0 ? [] : [rulesOf(report)]),
];

export const verdictOf = ({ ok, format, files }: DataReport): string => {
  if (!ok) return 'A job with these data would fail.';
  const warnings = files.reduce((sum, file) => sum + file.warnings, 0);
  const found = warnings === 0 ? 'No problem was found' : `No error was found, and ${pluralize(warnings, 'warning')}`;
  return format === undefined ? `${found} by the general checks.` : `${found}.`;
};
