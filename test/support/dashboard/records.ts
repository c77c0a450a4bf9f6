import {
  SUB_TASKS,
  type JobRecord,
  type StatusDetails,
  type SubTask,
  type Transition,
} from '../../../lib/domain/record.ts';
import { DAY, HOUR, MINUTE } from '../../../lib/domain/time.ts';
import { seeded, type Seeded } from './random.ts';

export const SCOPES = ['123456789012#us-east-1', '123456789012#us-west-2', '210987654321#us-east-1'] as const;

const project = (
  name: string,
  model: string,
  type: string,
  owner: string,
  hours: readonly [low: number, high: number],
  loss: number,
  scope: (typeof SCOPES)[number],
) => ({ name, model, type, owner, hours, loss, scope });
type Project = ReturnType<typeof project>;

const [EAST, WEST, OTHER] = SCOPES;
const PROJECTS: readonly [Project, ...Project[]] = [
  project('support-triage', 'amazon.nova-lite-v1:0:300k', 'FINE_TUNING', 'ana', [1.2, 2.6], 0.31, EAST),
  project('invoice-extraction', 'amazon.nova-micro-v1:0:128k', 'FINE_TUNING', 'ben', [0.7, 1.6], 0.12, EAST),
  project('contract-summaries', 'amazon.nova-pro-v1:0:300k', 'FINE_TUNING', 'chika', [2.8, 5.1], 0.84, EAST),
  project('faq-distillation', 'amazon.nova-lite-v1:0:300k', 'DISTILLATION', 'dario', [3.1, 6.4], 0.52, WEST),
  project('clinical-notes', 'meta.llama3-3-70b-instruct-v1:0:128k', 'FINE_TUNING', 'elif', [5.5, 9.2], 0.67, WEST),
  project('code-review', 'amazon.nova-2-lite-v1:0:256k', 'REINFORCEMENT_FINE_TUNING', 'farid', [4.2, 8.8], 0, OTHER),
];

const LEARNING_RATES = ['1.0E-5', '2.0E-5', '5.0E-6', '1.0E-4'] as const;
const id = (random: Seeded): string =>
  Array.from({ length: 12 }, () => 'abcdefghijklmnopqrstuvwxyz0123456789'[Math.floor(random.next() * 36)]).join('');

const failures = (name: string): Readonly<Record<SubTask, readonly [string, ...string[]]>> => ({
  validation: [
    `Could not validate GetObject permissions to access Amazon S3 bucket: acme-ml-training at key ${name}/train.jsonl`,
    'Could not assume provided IAM role. Please verify that the role exists and its trust policy allows bedrock to assume this role.',
    `Unable to parse Amazon S3 file: ${name}/train.jsonl. Data files must conform to JSONL format.`,
  ],
  data_processing: [
    'Too few of the prompts got a usable response from the teacher model. Check the prompts and retry.',
  ],
  training: [
    'Encountered an unexpected error when processing the request, please try again',
    'The training loss diverged. Choose a lower learning rate and retry the job.',
  ],
});

interface Plan {
  readonly created: number;
  readonly duration: number;
  readonly status: string;
  readonly failing?: SubTask;
  /** How much of it is over by now. */
  readonly now: number;
}

const tasksOf = (project: Project): readonly SubTask[] =>
  SUB_TASKS.filter((task) => task !== 'data_processing' || project.type === 'DISTILLATION');

const SHARES: Readonly<Record<SubTask, number>> = { validation: 0.08, data_processing: 0.25, training: 1 };

/** Phases up to the end of the job, or up to now. */
const detailsOf = (project: Project, plan: Plan): StatusDetails => {
  const end = plan.created + plan.duration;
  let from = plan.created + 25_000;
  const details: [string, object][] = [];
  let over = false;
  for (const task of tasksOf(project)) {
    const planned = task === 'training' ? end - 4000 : from + plan.duration * SHARES[task];
    const to = plan.failing === task ? end - 2000 : planned;
    if (over || from > plan.now) details.push([`${task}_details`, { status: 'NotStarted' }]);
    else {
      const running = to > plan.now && plan.status !== 'Failed';
      const failed = plan.failing === task;
      const stopped = plan.status === 'Stopped' && to >= end - 4000;
      const status = running ? 'InProgress' : failed ? 'Failed' : stopped ? 'Stopped' : 'Completed';
      details.push([
        `${task}_details`,
        {
          status,
          creation_time: new Date(from).toISOString(),
          last_modified_time: new Date(Math.min(to, plan.now)).toISOString(),
        },
      ]);
      over = failed;
    }
    from = to + 20_000;
  }
  return Object.fromEntries(details);
};

const transitionsOf = (plan: Plan, details: StatusDetails, random: Seeded): Transition[] => {
  const via = random.chance(0.12) ? 'sweep' : 'event';
  const change = (
    from: string | null,
    to: string,
    at: number,
    how: Transition['via'] = via,
    task?: SubTask,
  ): Transition => {
    const delay = how === 'event' ? random.between(400, 2600) : random.between(20_000, 290_000);
    const times = { at: new Date(at).toISOString(), observed_at: new Date(at + delay).toISOString() };
    return { from, to, ...times, via: how, ...(task && { task }) };
  };
  const end = plan.created + plan.duration;
  const isStopped = plan.status === 'Stopped';
  const changes = [change(null, 'InProgress', plan.created)];
  for (const task of SUB_TASKS) {
    const { status, creation_time, last_modified_time } = details[`${task}_details`] ?? {};
    if (status === undefined || creation_time === undefined || last_modified_time === undefined) continue;
    changes.push(change('NotStarted', 'InProgress', Date.parse(creation_time), via, task));
    if (status === 'InProgress') continue;
    changes.push(change('InProgress', status, Date.parse(last_modified_time), 'event', task));
  }
  if (isStopped || plan.status === 'Stopping') changes.push(change('InProgress', 'Stopping', end - 90_000, 'event'));
  if (!['InProgress', 'Stopping'].includes(plan.status)) {
    changes.push(change(isStopped ? 'Stopping' : 'InProgress', plan.status, end));
  }
  return changes.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
};

const customization = (project: Project, random: Seeded): Partial<JobRecord> => {
  if (project.type === 'DISTILLATION') {
    return {
      hyper_parameters: {},
      customization_config: {
        distillation_config: {
          teacher_model_config: {
            teacher_model_identifier:
              'arn:aws:bedrock:us-west-2:123456789012:inference-profile/us.amazon.nova-premier-v1:0',
            max_response_length_for_inference: 1000,
          },
        },
      },
    };
  }
  if (project.type === 'REINFORCEMENT_FINE_TUNING') {
    return {
      customization_config: {
        rft_config: {
          grader_config: {
            lambda_grader: { lambda_arn: 'arn:aws:lambda:us-east-1:210987654321:function:review-grader' },
          },
          hyper_parameters: {
            epoch_count: random.pick([1, 2, 4]),
            batch_size: 64,
            learning_rate: 1e-5,
            reasoning_effort: 'medium',
            eval_interval: 10,
          },
        },
      },
    };
  }
  return {
    hyper_parameters: {
      batchSize: random.pick(['1', '8', '16']),
      epochCount: random.pick(['2', '3', '5']),
      learningRate: random.pick(LEARNING_RATES),
      learningRateWarmupSteps: random.pick(['0', '10', '100']),
    },
  };
};

const losses = (project: Project, random: Seeded): Partial<JobRecord> => {
  if (project.loss === 0) return { validation_metrics: [] };
  const loss = project.loss * random.between(0.72, 1.35);
  return {
    training_metrics: { training_loss: Number(loss.toFixed(6)) },
    validation_metrics: [{ validation_loss: Number((loss * random.between(1.04, 1.45)).toFixed(6)) }],
  };
};

const record = (project: Project, run: number, plan: Plan, random: Seeded): JobRecord => {
  const [account = '', region = ''] = project.scope.split('#');
  const jobId = id(random);
  const jobArn = `arn:aws:bedrock:${region}:${account}:model-customization-job/${project.model}/${jobId}`;
  const details = detailsOf(project, plan);
  const ended = !['InProgress', 'Stopping'].includes(plan.status);
  const end = new Date(Math.min(plan.created + plan.duration, plan.now)).toISOString();
  const version = `v${Math.floor(run / 40) + 1}`;
  const name = `${project.name}-${String(run).padStart(4, '0')}`;
  const model = `${project.name}-${run}`;
  const change = ended ? end : new Date(plan.now - random.between(20_000, 4 * MINUTE)).toISOString();
  return {
    job_arn: jobArn,
    job_name: name,
    job_id: jobId,
    _key: jobArn,
    account_id: account,
    region,
    scope: project.scope,
    output_model_name: model,
    ...(plan.status === 'Completed'
      ? { output_model_arn: `arn:aws:bedrock:${region}:${account}:custom-model/${project.model}/${id(random)}` }
      : {}),
    role_arn: `arn:aws:iam::${account}:role/service-role/BedrockCustomizationRole`,
    status: plan.status,
    status_details: details,
    creation_time: new Date(plan.created).toISOString(),
    last_modified_time: change,
    ...(ended ? { end_time: end } : { active_scope: project.scope }),
    base_model_arn: `arn:aws:bedrock:${region}::foundation-model/${project.model}`,
    training_data_config:
      project.type === 'DISTILLATION'
        ? {
            invocation_logs_config: {
              use_prompt_response: true,
              invocation_log_source: { s3_uri: 's3://acme-bedrock-logs/prod/AWSLogs' },
              request_metadata_filters: {
                and_all: [{ equals: { project: 'faq-bot' } }, { not_equals: { env: 'dev' } }],
              },
            },
          }
        : { s3_uri: `s3://acme-ml-training/${project.name}/${version}/train.jsonl` },
    ...(project.type === 'FINE_TUNING'
      ? {
          validation_data_config: {
            validators: [{ s3_uri: `s3://acme-ml-training/${project.name}/${version}/validation.jsonl` }],
          },
        }
      : {}),
    output_data_config: { s3_uri: `s3://acme-ml-output/${project.name}/` },
    customization_type: project.type,
    ...(project.name === 'clinical-notes'
      ? {
          output_model_kms_key_arn: `arn:aws:kms:${region}:${account}:key/0f8fad5b-d9cb-469f-a165-70867728950e`,
          vpc_config: {
            subnet_ids: ['subnet-0a1b2c3d4e5f60718', 'subnet-0b2c3d4e5f6071829'],
            security_group_ids: ['sg-0c3d4e5f60718293a'],
          },
        }
      : {}),
    ...customization(project, random),
    ...(plan.status === 'Completed' ? losses(project, random) : { validation_metrics: [] }),
    ...(plan.failing === undefined ? {} : { failure_message: random.pick(failures(name)[plan.failing]) }),
    tags: {
      project: project.name,
      owner: project.owner,
      stage: random.pick(['experiment', 'experiment', 'candidate']),
    },
    transitions: transitionsOf(plan, details, random),
    first_seen_at: new Date(plan.created + 1800).toISOString(),
    fetched_at: change,
    observed_via: 'event',
    revision: 4,
  };
};

const statusOf = (random: Seeded): string => {
  const share = random.next();
  return share < 0.78 ? 'Completed' : share < 0.93 ? 'Failed' : 'Stopped';
};

const finished = (count: number, now: number, random: Seeded): JobRecord[] =>
  Array.from({ length: count }, (_, index) => {
    const project = random.pick(PROJECTS);
    const status = statusOf(random);
    const failing = status === 'Failed' ? random.pick(tasksOf(project) as [SubTask, ...SubTask[]]) : undefined;
    const whole = random.between(...project.hours) * HOUR;
    const share =
      failing === 'validation'
        ? 0.02
        : failing === 'data_processing'
          ? 0.2
          : status === 'Completed'
            ? 1
            : random.between(0.2, 0.8);
    const age = 20 * MINUTE + (29 * DAY * (index + random.next() * 0.8)) / count;
    const duration = whole * share + 90_000;
    const plan: Plan = {
      created: now - age - duration,
      duration,
      status,
      now,
      ...(failing === undefined ? {} : { failing }),
    };
    return record(project, count - index, plan, random);
  });

/** Jobs that run: one well within the usual, one beyond the median, one beyond almost all, one that stops, one that starts. */
const running = (count: number, now: number, random: Seeded): JobRecord[] => {
  const shares = [0.55, 1.05, 1.7, 0.4, 0.01];
  return shares.map((share, index) => {
    const project = PROJECTS[index] ?? PROJECTS[0];
    const [low, high] = project.hours;
    const age = share * ((low + high) / 2) * HOUR + 40_000;
    const plan: Plan = {
      created: now - age,
      duration: age + HOUR,
      status: index === 3 ? 'Stopping' : 'InProgress',
      now,
    };
    return record(project, count + 1 + index, plan, random);
  });
};

/** What a team of six projects trained in a month, newest first: deterministic for one `now`. */
export const sampleRecords = (now: number, count = 140): JobRecord[] => {
  const random = seeded(42);
  const jobs = [...running(count, now, random), ...finished(count, now, random)];
  return jobs.sort((a, b) => ((a.creation_time ?? '') < (b.creation_time ?? '') ? 1 : -1));
};
