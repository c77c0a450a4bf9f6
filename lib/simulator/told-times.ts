/** Get and List as of a Bedrock that tells the times of one and the same job differently in the two. */
import type { JobAnswer, JobSummary, StatusDetails, SubTask } from './answers.ts';
import type { Faults } from './faults.ts';

type Times = Partial<Pick<JobAnswer, 'creationTime' | 'lastModifiedTime' | 'endTime'>>;

const TIMES = ['creationTime', 'lastModifiedTime', 'endTime'] as const;

const mapTimes = <Told extends Times>(told: Told, map: (time: string) => string): Told => {
  const mapped: Times = Object.fromEntries(
    TIMES.flatMap((name) => (told[name] === undefined ? [] : [[name, map(told[name])]])),
  );
  return { ...told, ...mapped };
};

const toTheSecond = (time: string): string => time.replace(/\.\d+(?=Z$)/, '');

const withPrecision = <Told extends Times & { readonly statusDetails?: StatusDetails }>(
  told: Told,
  precision: Faults['get']['timePrecision'],
): Told => {
  if (precision === 'milliseconds') return told;
  const { statusDetails } = told;
  const tasks = Object.entries(statusDetails ?? {}).map(([name, task]: [string, SubTask]) => [
    name,
    mapTimes(task, toTheSecond),
  ]);
  return {
    ...mapTimes(told, toTheSecond),
    ...(statusDetails && { statusDetails: Object.fromEntries(tasks) as StatusDetails }),
  };
};

const shifted = (summary: JobSummary, ms: number): JobSummary => {
  const { lastModifiedTime } = summary;
  if (ms === 0 || lastModifiedTime === undefined) return summary;
  return { ...summary, lastModifiedTime: new Date(Date.parse(lastModifiedTime) + ms).toISOString() };
};

export const asGetTells = (job: JobAnswer, { get }: Faults): JobAnswer => withPrecision(job, get.timePrecision);

export const asListTells = (summary: JobSummary, { list }: Faults): JobSummary =>
  withPrecision(shifted(summary, list.modifiedOffsetMs), list.timePrecision);
