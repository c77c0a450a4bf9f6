import { RECORD_VERSION } from '../../lib/domain/record.ts';
import { DAY, MINUTE } from '../../lib/domain/time.ts';
import type { LoadedJob } from '../../lib/simulator/index.ts';
import type { JobStore } from '../../lib/tracking/ports.ts';
import { manyIdOf, manyJob, recordOf } from '../../test/support/integration/jobs.ts';
import { memoryJobStore, memorySweepStore } from '../../test/support/memory-stores.ts';

/** The one scope that is swept. */
export const HISTORY_SCOPE = { accountId: '123456789012', region: 'us-east-1' } as const;

/** A busy account: longer histories reach further back, and do not make the last month any busier. */
export const JOBS_A_DAY = 100;
const STEP = DAY / JOBS_A_DAY;
/** The newest are active, whatever the length of the history. */
export const ACTIVE_JOBS = 20;
const MODEL = 'amazon.nova-lite-v1:0:300k';
const ARN = `arn:aws:bedrock:${HISTORY_SCOPE.region}:${HISTORY_SCOPE.accountId}`;

export interface History {
  /** The newest job was created just before, ms since 1970. */
  readonly until: number;
  /** How many of the newest are active. @default ACTIVE_JOBS */
  readonly active?: number;
}

/** The job of a history with `age` newer ones: jobs come every 14 minutes and run for half an hour. */
export const historyJob = (age: number, { until, active = ACTIVE_JOBS }: History): LoadedJob => {
  const { job, tags = {} } = manyJob(age);
  const created = until - MINUTE - age * STEP;
  const ended = age < active ? undefined : new Date(created + 30 * MINUTE).toISOString();
  const { endTime: _, failureMessage: __, outputModelArn: ___, ...given } = job;
  return {
    tags,
    job: {
      ...given,
      jobArn: `${ARN}:model-customization-job/${MODEL}/${manyIdOf(age)}`,
      baseModelArn: `arn:aws:bedrock:${HISTORY_SCOPE.region}::foundation-model/${MODEL}`,
      status: ended === undefined ? 'InProgress' : 'Completed',
      creationTime: new Date(created).toISOString(),
      lastModifiedTime: ended ?? new Date(created + MINUTE).toISOString(),
      ...(ended !== undefined && { endTime: ended, outputModelArn: `${ARN}:custom-model/${MODEL}/${manyIdOf(age)}` }),
    },
  };
};

export function* historyJobs(count: number, history: History, from = 0): Generator<LoadedJob, void, undefined> {
  for (let age = from; age < count; age += 1) yield historyJob(age, history);
}

/**
 * The state of a scope that this version of the tracker has swept: a full sweep looks only at what has drifted. With a
 * trail, CloudTrail has told of its newest job, and so tells of tags.
 */
export const sweptOnce = async ({ hasTrail }: { readonly hasTrail: boolean }) => {
  const sweeps = memorySweepStore();
  const now = new Date().toISOString();
  const swept = { begun_at: now, finished_at: now, succeeded_at: now, record_version: RECORD_VERSION };
  await sweeps.save(HISTORY_SCOPE, 'full', swept);
  await sweeps.save(HISTORY_SCOPE, 'active', { finished_at: now, ...(hasTrail && { creation_told_at: now }) });
  return sweeps;
};

/** The jobs table in memory after a backfill of a history. */
export const backfilled = (count: number, history: History): JobStore => {
  const jobs = memoryJobStore();
  for (const job of historyJobs(count, history)) {
    const record = recordOf(job);
    jobs.records.set(record.job_arn, record);
  }
  return jobs;
};
