import { GetModelCustomizationJobCommand, type ModelCustomizationJobSummary } from '@aws-sdk/client-bedrock';
import { formatScope, jobIdOf, parseJobArn, type Scope } from '../../../domain/identity.ts';
import { isTerminal, JOB_STATUSES } from '../../../domain/record.ts';
import { pluralize } from '../../../domain/text.ts';
import { type Check, doesNotHold, type Finding, holds, notChecked, type Patient, some } from '../check.ts';
import { type Listing, type LookedAt, MOST } from '../evidence.ts';
import { curveFiles, outputFolderOf } from '../../../operator/loss-curves/index.ts';
import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import pMap from 'p-map';

/** What List and Get both tell of a job's end. */
interface Ending {
  readonly status?: string | undefined;
  readonly endTime?: Date | undefined;
}

const hasEnded = ({ status, endTime }: Ending): boolean =>
  isTerminal({
    ...(status !== undefined && { status }),
    ...(endTime !== undefined && { end_time: endTime.toISOString() }),
  });

/** Where the jobs were looked for, for a sentence that found none. */
const NO_JOBS = 'Bedrock lists no job here. Run it again once there is one.';

/** Each listed job with the scope that it was asked for in. */
const listedJobs = (listings: readonly Listing[]): { scope: Scope; job: ModelCustomizationJobSummary }[] =>
  listings.flatMap(({ scope, jobs }) => jobs.map((job) => ({ scope, job })));

/** All of these times, as far as a job has them. */
const TIMES = ['creationTime', 'lastModifiedTime', 'endTime'] as const;

/** How far List and Get are apart on a time, in ms; `undefined` where one of them has none. */
const apart = ({ listed, got }: LookedAt): { field: string; ms: number | undefined }[] =>
  TIMES.flatMap((field) => {
    const [one, other] = [listed[field]?.getTime(), got[field]?.getTime()];
    if (one === other) return [];
    return [{ field, ms: one === undefined || other === undefined ? undefined : Math.abs(one - other) }];
  });

const listGetTimes = async ({ evidence }: Patient): Promise<Finding> => {
  // An active job may change between the two calls.
  const jobs = (await evidence.jobs()).filter(({ listed, got }) => hasEnded(listed) && hasEnded(got));
  if (jobs.length === 0) return notChecked('Bedrock lists no finished job here.');
  const differences = jobs.map(apart).filter((found) => found.length > 0);
  if (differences.length === 0) return holds(`the same for ${pluralize(jobs.length, 'finished job')}`);
  const fields = [...new Set(differences.flat().map(({ field }) => field))].sort().join(', ');
  const known = differences.flat().flatMap(({ ms }) => ms ?? []);
  const size = known.length === 0 ? 'one of the two has none' : `by up to ${Math.max(...known)} ms`;
  return doesNotHold(
    `${fields} differ for ${differences.length} of ${pluralize(jobs.length, 'finished job')} (${size}). Records stay right, ` +
      'but full sweeps read more jobs than changed. Report it with --record.',
  );
};

const uniqueNames = async ({ evidence, clients }: Patient): Promise<Finding> => {
  const listings = await evidence.listings();
  const jobs = listedJobs(listings);
  const newest = jobs.find(({ job }) => job.jobName !== undefined);
  if (newest?.job.jobName === undefined) return notChecked(NO_JOBS);
  const seen = new Set<string>();
  const twice = new Set<string>();
  for (const { scope, job } of jobs) {
    const name = `${job.jobName ?? ''} in ${formatScope(scope)}`;
    (seen.has(name) ? twice : seen).add(name);
  }
  if (twice.size > 0) {
    return doesNotHold(
      `Several jobs are called ${some([...twice])}. An event that only names its job can lead to the other one: full ` +
        'sweeps correct it. Report it with --record.',
    );
  }
  const { scope, job } = newest;
  const { jobArn } = await clients
    .bedrock(scope.region)
    .send(new GetModelCustomizationJobCommand({ jobIdentifier: job.jobName }));
  if (jobArn !== job.jobArn) {
    return doesNotHold(
      `Get by the name ${job.jobName ?? ''} answers ${jobArn ?? 'no ARN'}, and List ${job.jobArn ?? 'no ARN'}. Report it ` +
        'with --record.',
    );
  }
  return holds(`${pluralize(jobs.length, 'listed job')}, and Get by name answers the same ARN as List`);
};

const jobArns = async ({ evidence }: Patient): Promise<Finding> => {
  const jobs = listedJobs(await evidence.listings());
  if (jobs.length === 0) return notChecked(NO_JOBS);
  const strange = jobs.flatMap(({ scope, job: { jobArn = '(none)' } }) => {
    const parsed = parseJobArn(jobArn);
    return parsed !== undefined && formatScope(parsed) === formatScope(scope) ? [] : [jobArn];
  });
  if (strange.length === 0) return holds(pluralize(jobs.length, 'listed job'));
  return doesNotHold(
    `${strange.length} of ${jobs.length} ARNs have another form, such as ${some(strange, 1)}. Events about ` +
      'them are looked up by name. Report it with --record.',
  );
};

const tags = async ({ evidence }: Patient): Promise<Finding> => {
  const found = await evidence.tags();
  if (found.size === 0) return notChecked(NO_JOBS);
  const tagged = [...found.values()].filter((count) => count > 0).length;
  return holds(`${pluralize(found.size, 'job')}, ${tagged} of them with tags`);
};

const listOrder = async ({ evidence }: Patient): Promise<Finding> => {
  const listings = (await evidence.listings()).filter(({ jobs }) => jobs.length > 1);
  if (listings.length === 0) return notChecked('This needs two jobs in one account and Region.');
  const disordered = listings.flatMap(({ scope, jobs }) =>
    jobs.some(
      (job, index) => (jobs[index - 1]?.creationTime?.getTime() ?? Infinity) < (job.creationTime?.getTime() ?? 0),
    )
      ? [formatScope(scope)]
      : [],
  );
  const count = listings.reduce((sum, { jobs }) => sum + jobs.length, 0);
  if (disordered.length === 0) return holds(pluralize(count, 'listed job'));
  return doesNotHold(
    `The list of ${some(disordered)} has another order, so full sweeps read more jobs than changed. Report it with ` +
      '--record.',
  );
};

const finished = async ({ evidence }: Patient): Promise<Finding> => {
  const jobs = await evidence.jobs();
  if (jobs.length === 0) return notChecked(NO_JOBS);
  const known: readonly (string | undefined)[] = JOB_STATUSES;
  const unknown = [
    ...new Set(jobs.map(({ got }) => got.status ?? '(none)').filter((status) => !known.includes(status))),
  ];
  if (unknown.length > 0) {
    return doesNotHold(
      `Bedrock uses the status ${some(unknown)}, which this version does not know. It counts as finished once the job has ` +
        'an end time. Update the package, or report it.',
    );
  }
  const odd = jobs.filter(({ got }) => hasEnded(got) !== (got.endTime !== undefined));
  if (odd.length === 0) return holds(pluralize(jobs.length, 'job'));
  return doesNotHold(
    `${odd.length} of ${pluralize(jobs.length, 'job')} are finished without an end time, or active with one: durations of ` +
      'these are unknown. Report it with --record.',
  );
};

/** What the code takes for granted of Bedrock's calls, looked at on the account's own jobs. */
export const BEDROCK_CHECKS: readonly Check[] = [
  { id: 'list-get-times', title: 'List and Get give the same times', needs: 'bedrock', run: listGetTimes },
  { id: 'unique-names', title: 'A job name is unique in its account and Region', needs: 'bedrock', run: uniqueNames },
  { id: 'job-arns', title: 'ARNs of jobs have the documented form', needs: 'bedrock', run: jobArns },
  { id: 'list-order', title: 'List answers the newest job first', needs: 'bedrock', run: listOrder },
  {
    id: 'statuses',
    title: 'Statuses are known, and only finished jobs have an end time',
    needs: 'bedrock',
    run: finished,
  },
  { id: 'tags', title: 'Tags of jobs can be read by ARN', needs: 'bedrock', run: tags },
];

/** These train without a file of losses. */
const WITHOUT_LOSSES: readonly (string | undefined)[] = ['REINFORCEMENT_FINE_TUNING', 'IMPORTED'];

const hasLosses = ({ got }: LookedAt): boolean =>
  got.status === 'Completed' && !WITHOUT_LOSSES.includes(got.customizationType) && got.outputDataConfig?.s3Uri !== '';

/** One job of each base model: the layout may differ by model. */
const oneOfEachModel = (jobs: readonly LookedAt[]): LookedAt[] => [
  ...new Map(jobs.map((job) => [job.got.baseModelArn, job])).values(),
];

/** What lies in the folder of a job's output: where a curve is expected, where nothing is, or something else. */
const lookInto = async ({ clients }: Patient, { scope, got }: LookedAt): Promise<'curve' | 'nothing' | 'other'> => {
  const folder = outputFolderOf({
    job_arn: got.jobArn ?? '',
    job_id: jobIdOf(got.jobArn ?? '') ?? '',
    output_data_config: { s3_uri: got.outputDataConfig?.s3Uri ?? '' },
  });
  const { Contents = [] } = await clients
    .s3(scope.region)
    .send(new ListObjectsV2Command({ Bucket: folder.bucket, Prefix: folder.prefix }));
  if (Contents.length === 0) return 'nothing';
  const objects = Contents.map(({ Key: key = '' }) => ({ key }));
  return curveFiles('training', folder.prefix, objects).length > 0 ? 'curve' : 'other';
};

const layout = async (patient: Patient): Promise<Finding> => {
  const jobs = oneOfEachModel((await patient.evidence.jobs()).filter(hasLosses)).slice(0, MOST.outputs);
  if (jobs.length === 0) return notChecked('Bedrock lists no completed job here that writes loss curves.');
  const found = await pMap(jobs, async (job) => ({ job, what: await lookInto(patient, job) }));
  const of = (wanted: string) =>
    found.filter(({ what }) => what === wanted).map(({ job: { got } }) => got.baseModelArn?.split('/').at(-1) ?? '?');
  const [curves, others] = [of('curve'), of('other')];
  if (others.length > 0) {
    return doesNotHold(
      `The output of a job of ${some(others)} has no training_artifacts/step_wise_training_metrics.csv, so "bedrock-jobs ` +
        'metrics" draws nothing. Report it with --record.',
    );
  }
  if (curves.length === 0) return notChecked('The output of the jobs is gone: it was deleted or moved.');
  return holds(`${pluralize(curves.length, 'base model')}: ${some(curves)}`);
};

/** Where jobs write their losses. */
export const OUTPUT_CHECKS: readonly Check[] = [
  { id: 's3-output', title: 'The S3 output of jobs has the known layout', needs: 'bedrock', run: layout },
];
