import { beforeAll, describe, expect, test } from '@jest/globals';
import { aws, stack } from '../support/aws.ts';
import { UNSUPPORTED } from '../support/cdk.ts';
import { attributesOf, deadLetters, jobEvents } from '../support/queues.ts';
import { jobsTable } from '../support/records.ts';
import { commandsOf, run } from '../support/runbook.ts';
import { physicalIds, resourcesOf } from '../support/template.ts';

interface Schedule {
  readonly GroupName: string;
  readonly Name: string;
}

describe('what was deployed', () => {
  test('every resource of the template that MiniStack knows was created', async () => {
    const created = await physicalIds();
    const wanted = resourcesOf().filter(({ Type }) => !UNSUPPORTED.includes(Type));
    expect(wanted.map(({ id }) => id).filter((id) => created[id] === undefined)).toEqual([]);
  });

  test('a message that fails five times becomes a dead letter, and queues refuse plain HTTP', async () => {
    const { RedrivePolicy = '{}', Policy, SqsManagedSseEnabled } = await attributesOf(jobEvents);
    const { QueueArn } = await attributesOf(deadLetters);
    expect(JSON.parse(RedrivePolicy)).toEqual({ deadLetterTargetArn: QueueArn, maxReceiveCount: 5 });
    expect(Policy).toContain('aws:SecureTransport');
    expect(SqsManagedSseEnabled).toBe('true');
  });

  test('one schedule starts what is due', async () => {
    const { Schedules } = await aws<{ Schedules: Schedule[] }>('scheduler', 'list-schedules');
    expect(Schedules).toHaveLength(1);
    const [{ GroupName, Name } = { GroupName: '', Name: '' }] = Schedules;
    const schedule = await aws('scheduler', 'get-schedule', '--group-name', GroupName, '--name', Name);
    expect(schedule).toMatchObject({
      State: 'ENABLED',
      ScheduleExpression: 'rate(1 hour)',
      Target: { Input: '{"sweep":"due"}' },
    });
  });

  test('the table cannot be deleted', async () => {
    await expect(aws('dynamodb', 'delete-table', '--table-name', jobsTable)).rejects.toThrow(/protect/i);
  });
});

describe('the runbook, by the SSM parameters alone', () => {
  test('finds queues, functions, schedules, sources and active jobs', async () => {
    const alarms = commandsOf('Alarms').find((each) => each.includes('active_scope')) ?? '';
    const [active = ''] = alarms.split('aws bedrock');
    const { code, said } = await run(
      [
        'depth JobEventsQueueUrl',
        'logs_of TrackJobFunctionName',
        'sources TrackJobFunctionName',
        'schedules',
        active,
      ].join('\n'),
    );
    expect({ code, said }).toMatchObject({
      code: 0,
      said: expect.stringMatching(/^0$[^]+TrackJob[^]+Enabled[^]+SweepsActive/m),
    });
  });

  test('finds nothing to revert in a stack as it was deployed', async () => {
    const [look = ''] = commandsOf('Revert manual changes');
    const { code, said } = await run(look.replace(/^(aws cloudformation wait .*)$/m, '$1 || true'));
    expect({ code, said }).toMatchObject({ code: 0, said: expect.stringContaining("didn't contain changes") });
  });

  test('names the state of each rule', async () => {
    const rules = commandsOf('Alarms').find((each) => each.includes('describe-rule')) ?? '';
    const { code, said } = await run(rules);
    expect({ code, enabled: said.match(/\tENABLED$/gm)?.length }).toEqual({ code: 0, enabled: 3 });
  });
});

const jobs = `arn:aws:bedrock:${stack.region}:${stack.account}:model-customization-job/any`;
const models = `arn:aws:bedrock:${stack.region}:${stack.account}:custom-model/any/any`;
const table = `arn:aws:dynamodb:${stack.region}:${stack.account}:table/${jobsTable}`;

const LIST = 'bedrock:ListModelCustomizationJobs';
const GET_MODEL = ['bedrock:GetCustomModel', 'bedrock:ListTagsForResource'];
/** Of track-job, which lists what serves one model, and of reconcile-jobs. IAM knows no resource for them. */
const SERVING = ['bedrock:ListCustomModelDeployments', 'bedrock:ListProvisionedModelThroughputs'];
const LISTS = [LIST, ...SERVING, 'bedrock:ListCustomModels', 'cloudwatch:GetMetricData'];
/** What the functions need, and what they must never be able to do. */
const ACTIONS = [
  'bedrock:GetModelCustomizationJob',
  'bedrock:ListTagsForResource',
  ...LISTS,
  'bedrock:GetCustomModel',
  'bedrock:DeleteCustomModel',
  'bedrock:DeleteProvisionedModelThroughput',
  'bedrock:CreateModelCustomizationJob',
  'bedrock:StopModelCustomizationJob',
  'dynamodb:GetItem',
  'dynamodb:PutItem',
  'dynamodb:Query',
  'dynamodb:Scan',
  'dynamodb:UpdateItem',
  'dynamodb:DeleteItem',
  'dynamodb:DeleteTable',
  'sqs:DeleteQueue',
  'iam:PassRole',
];
interface Evaluation {
  readonly EvalActionName: string;
  readonly EvalDecision: string;
}

describe('what the functions may do, as IAM decides', () => {
  let ids: Readonly<Record<string, string>> = {};

  beforeAll(async () => {
    ids = await physicalIds();
  });

  test.each([
    ['TrackJob', jobs, ['bedrock:GetModelCustomizationJob', 'bedrock:ListTagsForResource', ...SERVING]],
    ['TrackJob', models, [...GET_MODEL, ...SERVING]],
    ['TrackJob', '*', SERVING],
    ['TrackJob', table, [...SERVING, 'dynamodb:GetItem', 'dynamodb:PutItem']],
    ['ReconcileJobs', jobs, ['bedrock:GetModelCustomizationJob', 'bedrock:ListTagsForResource', ...LISTS]],
    ['ReconcileJobs', models, [...GET_MODEL, ...LISTS]],
    ['ReconcileJobs', '*', LISTS],
    ['ReconcileJobs', table, [...LISTS, 'dynamodb:GetItem', 'dynamodb:PutItem']],
    ['ReconcileJobs', `${table}/index/active`, [...LISTS, 'dynamodb:Query']],
    ['ReconcileJobs', `${table}/index/by-job-name`, LISTS],
  ])('%s on %s: %j', async (part, resource, allowed) => {
    const [role] = resourcesOf('AWS::IAM::Role', `${part}Role`);
    const arn = `arn:aws:iam::${stack.account}:role/${ids[role?.id ?? ''] ?? ''}`;
    const { EvaluationResults } = await aws<{ EvaluationResults: Evaluation[] }>(
      ...['iam', 'simulate-principal-policy', '--policy-source-arn', arn],
      ...['--action-names', ...ACTIONS, '--resource-arns', resource],
    );
    const found = EvaluationResults.filter(({ EvalDecision }) => EvalDecision === 'allowed');
    expect(found.map(({ EvalActionName }) => EvalActionName).sort()).toEqual([...allowed].sort());
  });
});
