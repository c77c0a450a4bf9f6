import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { Template } from 'aws-cdk-lib/assertions';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { PARAMETER } from '../../lib/contract.ts';
import { permissionsOf } from '../infra/permissions.ts';
import { defaultTemplate, makeStack, type CfnTemplate } from '../infra/support.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const document = readFileSync(join(ROOT, 'docs', 'permissions.md'), 'utf8');

interface Statement {
  readonly Sid: string;
  readonly Effect: string;
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}
interface Policy {
  readonly Version: string;
  readonly Statement: readonly Statement[];
}

const policiesBelow = (text: string): Policy[] =>
  [...text.matchAll(/^```json\n([\s\S]*?)^```$/gm)].map(([, json = '']) => JSON.parse(json) as Policy);
const section = (heading: string): string => document.split(`\n${heading}\n`)[1]?.split(/\n#{1,3} /)[0] ?? '';

const POLICIES = policiesBelow(document);
const STATEMENTS = POLICIES.flatMap(({ Statement }) => Statement);
const ACTIONS = [...new Set(STATEMENTS.flatMap(({ Action }) => Action))].sort();

/** What policies allow, as sorted lines "<action> <resource>" without account, Region and placeholders' prefix. */
const allowedBy = (policies: readonly Policy[]): string[] =>
  policies
    .flatMap(({ Statement }) => Statement)
    .flatMap(({ Action, Resource }) => Action.flatMap((action) => Resource.map((resource) => `${action} ${resource}`)))
    .map((line) => line.replace(/arn:aws:(?:dynamodb|bedrock):us-east-1:111122223333:(?:table\/)?/, ''))
    .filter((line) => !line.startsWith('ssm:'))
    .sort();

/** What the stack grants a role, in the same form. */
const grantedTo = (template: CfnTemplate, role: string): string[] =>
  permissionsOf(template, role)
    .map((line) =>
      line
        .replace(/arn:<AWS::Partition>:bedrock:<AWS::Region>:<AWS::AccountId>:/, '')
        .replace(/<Tracker(\w+Table)\.Arn>/, '$1'),
    )
    .filter((line) => !line.startsWith('logs:'))
    .sort();

/** Actions that are named otherwise than their operation. */
const OPERATIONS: Readonly<Record<string, string>> = {
  'lambda:InvokeFunction': 'Invoke',
  's3:ListBucket': 'ListObjectsV2',
};
const operationOf = (action: string): string => OPERATIONS[action] ?? action.split(':')[1] ?? '';

describe('the policies of docs/permissions.md', () => {
  it('have the present version, and allow', () => {
    for (const { Version, Statement } of POLICIES) {
      expect(Version).toBe('2012-10-17');
      for (const statement of Statement) expect(statement).toMatchObject({ Effect: 'Allow' });
    }
  });

  it('name every statement once, so that the policies can be joined into one', () => {
    const names = STATEMENTS.map(({ Sid }) => Sid);
    expect(names.filter((name) => !/^[A-Za-z0-9]+$/.test(name))).toEqual([]);
    expect(new Set(names).size).toBe(names.length);
  });

  it('name each action in full: no wildcard gives what AWS adds', () => {
    expect(ACTIONS.filter((action) => !/^[a-z0-9]+:[A-Z][A-Za-z0-9]+$/.test(action))).toEqual([]);
  });

  it('name resources, but for actions that know none', () => {
    const everywhere = STATEMENTS.filter(({ Resource }) =>
      Resource.some((resource) => !resource.startsWith('arn:aws:')),
    );
    expect(everywhere.map(({ Action, Resource }) => [Action, Resource])).toEqual([
      [['bedrock:ListModelCustomizationJobs'], ['*']],
      [
        [
          'bedrock:ListCustomModels',
          'bedrock:ListCustomModelDeployments',
          'bedrock:ListProvisionedModelThroughputs',
          'cloudwatch:GetMetricData',
        ],
        ['*'],
      ],
      [['cloudtrail:DescribeTrails', 'cloudtrail:LookupEvents', 'scheduler:ListSchedules'], ['*']],
    ]);
    for (const resource of STATEMENTS.flatMap(({ Resource }) => Resource).filter((one) => one.includes('*'))) {
      expect(resource).toMatch(/^\*$|(?:\/|:::output-bucket\/)\*$/);
    }
  });

  it('hand a role to Bedrock alone', () => {
    const passing = STATEMENTS.filter(({ Action }) => Action.includes('iam:PassRole'));
    expect(passing).toHaveLength(1);
    expect(passing[0]?.Condition).toEqual({ StringEquals: { 'iam:PassedToService': 'bedrock.amazonaws.com' } });
  });

  it('read the parameters that the stack makes, each where it is needed', () => {
    const read = STATEMENTS.filter(({ Action }) => Action.includes('ssm:GetParameter')).flatMap(({ Resource }) =>
      Resource.map((resource) => resource.split(':parameter')[1] ?? ''),
    );
    // For policies that are written by hand, for other stacks, and for the runbook: no command reads them.
    const unread = [PARAMETER.jobsTableArn, PARAMETER.modelsTableArn, PARAMETER.transitionsBusArn, PARAMETER.outputs];
    expect([...new Set(read)].sort()).toEqual(
      Object.values(PARAMETER)
        .filter((name) => !unread.includes(name as never))
        .sort(),
    );
  });
});

describe('docs/permissions.md beside what the stack grants', () => {
  it('a reader may do what grantReadJobs and grantReadModels give', () => {
    const stack = makeStack();
    const principal = new ServicePrincipal('ecs-tasks.amazonaws.com');
    const reader = new Role(stack, 'Reader', { assumedBy: principal });
    stack.tracker.grantReadJobs(reader);
    stack.tracker.grantReadModels(reader);
    const granted = grantedTo(Template.fromStack(stack).toJSON() as CfnTemplate, '<Reader>');
    expect(allowedBy(['## Read', '### Read models'].flatMap((heading) => policiesBelow(section(heading))))).toEqual(
      granted,
    );
  });

  it('a sweep from a machine may do what reconcile-jobs may', () => {
    const [deployed, local] = policiesBelow(section('## Sweep'));
    expect(deployed?.Statement.map(({ Action }) => Action)).toEqual([['ssm:GetParameter'], ['lambda:InvokeFunction']]);
    // What Lambda reads is the deployed function's to watch.
    const granted = grantedTo(defaultTemplate(), '<TrackerReconcileJobsRole>').filter(
      (permission) => !JSON.stringify(permission).includes('lambda:GetEventSourceMapping'),
    );
    expect(allowedBy(local ? [local] : [])).toEqual(granted);
  });
});

describe('docs/permissions.md beside the requests of the code', () => {
  /** Sent by the functions alone, whose roles the stack makes. */
  const FUNCTIONS_ONLY = ['GetCustomModelDeployment', 'GetProvisionedModelThroughput', 'Publish', 'PutEvents'];
  /** SQS and Bedrock check these for whoever starts a move or a job. */
  const CHECKED_BY_AWS = ['DeleteMessage', 'PassRole', 'ReceiveMessage', 'SendMessage'];
  /** IAM lets everybody ask who they are. */
  const FREE = ['GetCallerIdentity'];
  /** lib-dynamodb leaves the end of these names out. */
  const ITEMS = ['Get', 'Put', 'Update', 'Delete', 'BatchGet', 'BatchWrite'];

  const sources = ['lib/runtime', 'lib/operator', 'lib/client', 'lib/cli', 'lib/dashboard'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => readFileSync(join(ROOT, folder, file), 'utf8')),
  );
  const sent = sources
    .flatMap((source) => [...source.matchAll(/\bnew (\w+)Command\(|\bpaginate([A-Z]\w+)\(|'(List\w+s)'/g)])
    .map(([, command = '', pages = '', listed = '']) => command || pages || listed)
    .map((operation) => (ITEMS.includes(operation) ? `${operation}Item` : operation));

  it('have every request that commands send in a policy, and no other action', () => {
    const needed = new Set(sent.filter((name) => ![...FUNCTIONS_ONLY, ...FREE].includes(name)));
    const allowed = new Set(ACTIONS.map(operationOf));
    expect([...needed].filter((operation) => !allowed.has(operation))).toEqual([]);
    const unneeded = [...allowed].filter((operation) => !needed.has(operation));
    expect(unneeded.sort()).toEqual(CHECKED_BY_AWS);
  });

  it('finds the requests at all', () => {
    expect(sent).toEqual(
      expect.arrayContaining(['GetItem', 'Query', 'Scan', 'GetParameter', 'GetModelCustomizationJob']),
    );
  });
});
