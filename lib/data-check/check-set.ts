import { pluralize } from '../domain/text.ts';
import type { FileReport } from './check-file.ts';
import { type DataRules, type Range, READ, rulesFor } from './rules.ts';

/** Which job the data are for. */
export interface Purpose {
  readonly baseModel: string;
  /** FINE_TUNING and so on. */
  readonly type: string;
}

export const DEFAULT_TYPE = 'FINE_TUNING';

/** The outcome of all files of a job. */
export interface DataReport extends Purpose {
  readonly ok: boolean;
  /** The format in words; absent where AWS documents none for the model, and only general checks were made. */
  readonly format?: string;
  /** The page of the format and its limits, and when it was read. */
  readonly source?: string;
  readonly read?: string;
  readonly files: readonly FileReport[];
  /** What is about the files as a whole. */
  readonly problems: readonly string[];
}

const number = (value: number): string => value.toLocaleString('en-US');
const MB = 1024 ** 2;

/** What is wrong with a number of records. `subject` begins the sentence. */
const checkRange = (subject: string, count: number, { least, most }: Range = {}): string[] => {
  if (least !== undefined && count < least)
    return [`${subject} ${pluralize(count, 'record')}, fewer than the ${number(least)} that AWS asks for: add some.`];
  if (most !== undefined && count > most)
    return [`${subject} ${number(count)} records, more than the ${number(most)} that AWS takes: leave some out.`];
  return [];
};

const checkFile = ({ name, role, records, bytes, badLines }: FileReport, data: DataRules): string[] => {
  const most = data.limits[`${role}Bytes`];
  const kept = data.dropsBadRecords === true ? records - badLines : records;
  const has = data.dropsBadRecords === true && badLines > 0 ? 'has, without the bad ones,' : 'has';
  return [
    ...checkRange(`${name} ${has}`, kept, data.limits[role]),
    ...(most !== undefined && bytes > most
      ? [
          `${name} has ${number(Math.ceil(bytes / MB))} MB, more than the ${number(most / MB)} MB that AWS takes: split it.`,
        ]
      : []),
    ...(role === 'validation' && data.noValidation !== undefined ? [`${name}: ${data.noValidation}`] : []),
  ];
};

const sum = (files: readonly FileReport[]): number => files.reduce((total, { records }) => total + records, 0);

/** What is wrong with files as a whole: their sizes, and the numbers of their records. */
const checkFiles = (files: readonly FileReport[], data: DataRules | undefined, isWhole: boolean): string[] => {
  const empty = files.filter(({ records }) => records === 0).map(({ name }) => `${name} is empty: it needs records.`);
  if (data === undefined || empty.length > 0) return empty;
  const subject = files.length === 1 ? `${files[0]?.name ?? ''} has` : 'The files have, together,';
  return [
    ...files.flatMap((file) => checkFile(file, data)),
    ...(isWhole ? checkRange(subject, sum(files), data.limits.together) : []),
  ];
};

/** The report on the files of a job. `unread` is what is wrong with those that could not be read. */
export const reportOn = (
  purpose: Purpose,
  files: readonly FileReport[],
  {
    unread = [],
    isWhole = unread.length === 0,
  }: { readonly unread?: readonly string[]; readonly isWhole?: boolean } = {},
): DataReport => {
  const data = rulesFor(purpose.baseModel, purpose.type);
  const problems = [...unread, ...checkFiles(files, data, isWhole)];
  return {
    ...purpose,
    ok: problems.length === 0 && files.every(({ errors }) => errors === 0),
    ...(data !== undefined && { format: data.name, source: data.source, read: READ }),
    files,
    problems,
  };
};

const JSONL = '.jsonl';
const BUCKET = /^s3:\/\/[^/]*$/;

/**
 * What is wrong with a location before anything is read: AWS refuses folders and other names.
 * https://docs.aws.amazon.com/bedrock/latest/userguide/model-customization-prepare.html
 */
export const locationProblem = (location: string): string | undefined => {
  if (location.endsWith(JSONL) && !BUCKET.test(location)) return undefined;
  return location.endsWith('/') || BUCKET.test(location)
    ? `is a folder: name the file in it. AWS answers "Input data must be in .jsonl format"`
    : `does not end in ${JSONL}: rename it. AWS answers "Input data must be in .jsonl format"`;
};
