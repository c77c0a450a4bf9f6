import type { Durations, Losses, ReadCost, Summary } from '../../../lib/client/requests.ts';
import type { JobRecord } from '../../../lib/domain/record.ts';
import { DAY } from '../../../lib/domain/time.ts';

const tally = (names: readonly string[]): Record<string, number> =>
  Object.fromEntries([...new Set(names)].map((name) => [name, names.filter((each) => each === name).length]));
const statusesOf = (jobs: readonly JobRecord[]) => tally(jobs.map((job) => job.status ?? 'unknown'));

/** The smallest value that at least this share of all does not exceed, by looking at each. */
const rank = (values: readonly number[], share: number): number =>
  Math.min(...values.filter((value) => values.filter((other) => other <= value).length >= share * values.length));

const durations = (jobs: readonly JobRecord[]): Durations => {
  const all = jobs.map((job) => Date.parse(job.end_time ?? '') - Date.parse(job.creation_time ?? ''));
  return { count: all.length, p50: rank(all, 0.5), p95: rank(all, 0.95), longest: Math.max(...all) };
};

const losses = (of: readonly (readonly [string, number])[]): Losses => {
  const values = of.map(([, loss]) => loss);
  const best = Math.min(...values);
  return {
    count: of.length,
    best,
    p50: rank(values, 0.5),
    bestJobArn: of.find(([, loss]) => loss === best)?.[0] ?? '',
  };
};

/** What `summarize` should say of these records, computed without regard to time and memory. */
export const plainSummary = (
  records: readonly JobRecord[],
  from: number,
  before: number,
): Omit<Summary, keyof ReadCost> => {
  const time = (job: JobRecord) => Date.parse(job.creation_time ?? '');
  const jobs = records.filter((job) => time(job) >= from && time(job) < before).sort((a, b) => time(b) - time(a));
  const byStatus = statusesOf(jobs);
  const { Completed: completed = 0, Failed: failed = 0 } = byStatus;
  const days: string[] = [];
  for (let at = from; at < before || new Date(at).getUTCDate() === new Date(before - 1).getUTCDate(); at += DAY) {
    days.push(new Date(at).toISOString().slice(0, 10));
  }
  const keys = [
    ...new Set(jobs.map((job) => `${job.base_model_arn ?? 'unknown'} ${job.customization_type ?? 'unknown'}`)),
  ];
  const groups = keys.map((key) => {
    const [baseModelArn = '', customizationType = ''] = key.split(' ');
    const members = jobs.filter(
      (job) =>
        (job.base_model_arn ?? 'unknown') === baseModelArn &&
        (job.customization_type ?? 'unknown') === customizationType,
    );
    const done = members.filter((job) => job.status === 'Completed');
    const training = done.flatMap((job): [string, number][] => {
      const loss = job.training_metrics?.training_loss;
      return typeof loss === 'number' ? [[job.job_arn, loss]] : [];
    });
    const validation = done.flatMap((job): [string, number][] => {
      const all = (job.validation_metrics ?? []).flatMap(({ validation_loss: loss }) =>
        typeof loss === 'number' ? [loss] : [],
      );
      return all.length > 0 ? [[job.job_arn, Math.min(...all)]] : [];
    });
    return {
      ...{ baseModelArn, customizationType, byStatus: statusesOf(members) },
      ...(done.length > 0 && { durations: durations(done) }),
      ...(training.length > 0 && { trainingLoss: losses(training) }),
      ...(validation.length > 0 && { validationLoss: losses(validation) }),
    };
  });
  const size = (group: (typeof groups)[number]) => Object.values(group.byStatus).reduce((sum, count) => sum + count, 0);
  return {
    createdAfter: new Date(from).toISOString(),
    createdBefore: new Date(before).toISOString(),
    jobs: jobs.length,
    byStatus,
    ...(completed + failed > 0 && { successRate: completed / (completed + failed) }),
    byDay: days.map((day) => ({ day, byStatus: statusesOf(jobs.filter((job) => job.creation_time?.startsWith(day))) })),
    byModel: groups.sort((a, b) => size(b) - size(a)),
  };
};
