import type {
  Deployment,
  ModelRecord,
  ModelTransition,
  ProvisionedThroughput,
  Usage,
} from '../../../lib/domain/model-record.ts';
import { isServing } from '../../../lib/domain/model-record.ts';
import type { JobRecord } from '../../../lib/domain/record.ts';
import { DAY, HOUR, MINUTE } from '../../../lib/domain/time.ts';

const calls = (invocations: number) => ({
  invocations,
  input_tokens: invocations * 812,
  output_tokens: invocations * 164,
});

/** What one model is, besides that a job made it some days ago. */
interface Plan {
  readonly status?: string;
  readonly isImported?: true;
  readonly throughput?: Partial<ProvisionedThroughput>;
  readonly deployment?: Partial<Deployment>;
  /** Invocations a day; undefined if CloudWatch was not asked. */
  readonly calls?: number;
  /** Days since the last use. */
  readonly unusedDays?: number;
}

const PLANS: readonly Plan[] = [
  { throughput: { model_units: 2 }, calls: 1840, unusedDays: 0 },
  { throughput: { model_units: 1, commitment_duration: 'OneMonth' }, calls: 0, unusedDays: 20 },
  { deployment: {}, calls: 96, unusedDays: 0.2 },
  { deployment: {}, throughput: { model_units: 4 }, calls: 12, unusedDays: 2 },
  { deployment: {} },
  { throughput: { model_units: 1, status: 'Creating' }, calls: 0 },
  { throughput: { model_units: 2, status: 'Removed' } },
  { status: 'Creating' },
  { status: 'Failed' },
  { status: 'Removed' },
  { isImported: true },
  { isImported: true, throughput: { model_units: 2 }, calls: 0, unusedDays: 16 },
];

/** The models that the newest completed jobs made, one for each plan, and some without a job: deterministic for one `now`. */
export const sampleModels = (jobs: readonly JobRecord[], now: number): ModelRecord[] => {
  const made = jobs.filter(({ output_model_arn: arn }) => arn !== undefined);
  const iso = (daysAgo: number) => new Date(now - daysAgo * DAY).toISOString();
  return PLANS.flatMap((plan, index): ModelRecord[] => {
    const job = made[index];
    if (job?.output_model_arn === undefined) return [];
    const { status = 'Active', calls: daily, unusedDays } = plan;
    const created = 60 - index;
    const scope = `arn:aws:bedrock:${job.region}:${job.account_id}`;
    const change = (
      from: string | null,
      to: string,
      daysAgo: number,
      more: Pick<ModelTransition, 'resource' | 'task'> = {},
    ): ModelTransition => ({
      ...more,
      ...{
        from,
        to,
        at: iso(daysAgo),
        observed_at: new Date(now - daysAgo * DAY + 9 * MINUTE).toISOString(),
        via: 'sweep',
      },
    });
    const entry = <Entry extends Deployment>(kind: string, works: string, given: Partial<Entry>) => ({
      arn: `${scope}:${kind}/${job.job_id}`,
      name: `${job.output_model_name ?? 'model'}-${kind === 'provisioned-model' ? 'pt' : 'live'}`,
      status: works,
      since: iso(created - 2),
      creation_time: iso(created - 1),
      ...given,
    });
    const throughputs: ProvisionedThroughput[] = plan.throughput
      ? [
          {
            ...entry('provisioned-model', 'InService', plan.throughput),
            ...(plan.throughput.commitment_duration && { commitment_expiration_time: iso(-11) }),
          },
        ]
      : [];
    const deployments = plan.deployment ? [entry('custom-model-deployment', 'Active', plan.deployment)] : [];
    const all = [...throughputs, ...deployments];
    const usage: Usage | undefined =
      daily === undefined
        ? undefined
        : {
            measured_at: new Date(now - 2 * HOUR).toISOString(),
            ...(unusedDays !== undefined && { unused_since: iso(unusedDays) }),
            ...(daily > 0 && unusedDays !== undefined && { last_used_at: iso(unusedDays) }),
            ...(unusedDays !== undefined && {
              last_day: calls(daily),
              last_7_days: calls(daily * 7),
              last_30_days: calls(daily * 29),
            }),
          };
    const idle = unusedDays !== undefined && unusedDays >= 14;
    const arn = plan.isImported ? `${scope}:custom-model/imported/${job.job_id}` : job.output_model_arn;
    return [
      {
        _key: arn,
        ...{
          model_arn: arn,
          model_id: arn.slice(-12),
          account_id: job.account_id,
          region: job.region,
          scope: job.scope,
        },
        model_name: plan.isImported ? `imported-${index}` : (job.output_model_name ?? ''),
        ...(!plan.isImported && { job_arn: job.job_arn, job_name: job.job_name ?? '' }),
        ...(!plan.isImported && job.base_model_arn !== undefined && { base_model_arn: job.base_model_arn }),
        customization_type: plan.isImported ? 'IMPORTED' : (job.customization_type ?? ''),
        ...(job.hyper_parameters && { hyper_parameters: job.hyper_parameters }),
        ...(job.training_data_config && !plan.isImported && { training_data_config: job.training_data_config }),
        creation_time: iso(created),
        ...(status !== 'Removed' && { model_status: status }),
        status,
        tags: {},
        ...(status === 'Failed' && { failure_message: 'The model files in S3 could not be read.' }),
        deployments,
        provisioned_throughputs: throughputs,
        ...(usage && all.length > 0 && { usage: Object.fromEntries(all.map((one) => [one.arn, usage])) }),
        ...(usage?.last_used_at !== undefined && { last_used_at: usage.last_used_at }),
        transitions: [
          change(null, status === 'Active' || status === 'Removed' ? 'Active' : status, created),
          ...(status === 'Removed' ? [change('Active', 'Removed', 3)] : []),
          ...all.flatMap(({ arn: resource, status: to }) => [
            change(null, 'Creating', created - 1, { resource }),
            ...(to === 'Creating' ? [] : [change('Creating', to, created - 2, { resource })]),
            ...(idle ? [change('Used', 'Idle', unusedDays - 14, { resource, task: 'use' })] : []),
          ]),
        ],
        first_seen_at: iso(created),
        fetched_at: new Date(now - 20 * MINUTE).toISOString(),
        observed_via: 'sweep',
        revision: 2,
        ...(status === 'Removed' && { missing_since: iso(3) }),
        ...(all.some(isServing) && { serving_scope: job.scope }),
      },
    ];
  });
};
