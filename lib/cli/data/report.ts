import type { FileReport } from '../../data-check/check-file.ts';
import type { DataReport } from '../../data-check/check-set.ts';
import type { Finding } from '../../data-check/tell.ts';
import { pluralize } from '../../domain/text.ts';
import { formatCount, modelName, visible } from '../output/values.ts';
import { formatSize } from './check-data.ts';

/** Findings of a file that are printed; errors come before warnings. */
const MOST_PRINTED = 20;

const wordFinding = ({ severity, line, path, text }: Finding): string => {
  const where = `line ${formatCount(line ?? 0)}: `;
  const mark = severity === 'warning' ? 'warning: ' : '';
  return `  ${where}${mark}${path === '' ? '' : `${visible(path)} `}${visible(text)}`;
};

const moreThan = (printed: readonly Finding[], { errors, warnings }: FileReport): string[] => {
  const shown = printed.filter(({ severity }) => severity === 'error').length;
  const rest = [
    ...(errors > shown ? [pluralize(errors - shown, 'more error')] : []),
    ...(warnings > printed.length - shown ? [pluralize(warnings - printed.length + shown, 'more warning')] : []),
  ];
  return rest.length === 0 ? [] : [`  … and ${rest.join(' and ')}; --json has more of them`];
};

const wordFile = (file: FileReport): string[] => {
  const { name, records, bytes, badLines, findings } = file;
  const bad = badLines === 0 ? '' : `, ${formatCount(badLines)} of them wrong`;
  const errors = findings.filter(({ severity }) => severity === 'error').slice(0, MOST_PRINTED);
  const warnings = findings.filter(({ severity }) => severity === 'warning').slice(0, MOST_PRINTED - errors.length);
  const printed = [...errors, ...warnings].sort((a, b) => (a.line ?? 0) - (b.line ?? 0));
  const count = `${formatCount(records)} ${records === 1 ? 'line' : 'lines'}`;
  return [
    `${visible(name)}: ${count}${bad}, ${formatSize(bytes)}`,
    ...printed.map(wordFinding),
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
  ...report.findings.map(({ text }) => visible(text)),
  rulesOf(report),
];

export const verdictOf = ({ ok, format, files }: DataReport): string => {
  if (!ok) return 'A job with these data would fail.';
  const warnings = files.reduce((sum, file) => sum + file.warnings, 0);
  const found = warnings === 0 ? 'No problem was found' : `No error was found, and ${pluralize(warnings, 'warning')}`;
  return format === undefined ? `${found} by the general checks.` : `${found}.`;
};
