import { describe, expect, it } from '@jest/globals';
import { DescribeTableCommand, DynamoDBClient, type TableDescription } from '@aws-sdk/client-dynamodb';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Table } from 'aws-cdk-lib/aws-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { JOBS_TABLE, OUTPUT, PARAMETER } from '../../lib/contract.ts';
import { AdoptionError, adoptionProblems, findJobsTable } from '../../lib/infra/adopt-table.ts';
import { BedrockJobTracker } from '../../lib/infra/bedrock-job-tracker.ts';
import { createTableInput } from '../../lib/local/tables.ts';
import { permissionsOf } from './permissions.ts';
import { makeApp, readable, resourceOf, resourcesOf, stubs, synthesize } from './support.ts';

const NOW = new Date('2026-11-23T12:00:00Z');
const STREAM_ARN = 'arn:aws:dynamodb:us-east-1:111122223333:table/Old/stream/2026-11-23T11:30:00.000';
const KEY_ARN = 'arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab';

/** A table that a tracker has left behind, with a stream that was made half an hour ago. */
const leftBehind = (): TableDescription => {
  const { BillingMode: _, GlobalSecondaryIndexes: indexes = [], ...table } = createTableInput('Old', JOBS_TABLE);
  return {
    ...table,
    TableStatus: 'ACTIVE',
    GlobalSecondaryIndexes: indexes.map((index) => ({ ...index, IndexStatus: 'ACTIVE' })),
    StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
    LatestStreamLabel: '2026-11-23T11:30:00.000',
    LatestStreamArn: STREAM_ARN,
    DeletionProtectionEnabled: true,
  };
};
const index = (name: string, change: object): TableDescription => ({
  ...leftBehind(),
  GlobalSecondaryIndexes: (leftBehind().GlobalSecondaryIndexes ?? []).map((each) =>
    each.IndexName === name ? { ...each, ...change } : each,
  ),
});
const problemsOf = (table: TableDescription, { isNew = true, deletionProtection = true } = {}): string[] =>
  adoptionProblems(table, { isNew, deletionProtection, now: NOW });

const UPDATE = '    aws dynamodb update-table --table-name Old ';
const WAIT = '    aws dynamodb wait table-exists --table-name Old';
const STREAM_OFF = `${UPDATE}--stream-specification StreamEnabled=false`;
const STREAM_ON = `${UPDATE}--stream-specification StreamEnabled=true,StreamViewType=NEW_AND_OLD_IMAGES`;

describe('what a table needs to be adopted', () => {
  it('has a table that a tracker made', () => {
    expect(problemsOf(leftBehind())).toEqual([]);
  });

  it.each<[string, TableDescription, string[]]>([
    [
      'a restore that still runs',
      { ...leftBehind(), TableStatus: 'CREATING' },
      ['Its status is CREATING: wait until it is ACTIVE.', WAIT],
    ],
    [
      'another key',
      { ...leftBehind(), KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }] },
      [
        'Its key is id (HASH), and a jobs table has the partition key job_arn of type S alone. A key cannot be changed: ' +
          'adopt another table.',
      ],
    ],
    [
      'a sort key',
      {
        ...leftBehind(),
        KeySchema: [
          { AttributeName: 'job_arn', KeyType: 'HASH' },
          { AttributeName: 'revision', KeyType: 'RANGE' },
        ],
      },
      [
        'Its key is job_arn (HASH), revision (RANGE), and a jobs table has the partition key job_arn of type S alone. ' +
          'A key cannot be changed: adopt another table.',
      ],
    ],
    ['no stream', { ...leftBehind(), StreamSpecification: undefined }, ['It has no stream.', STREAM_ON]],
    [
      'a stream of keys',
      { ...leftBehind(), StreamSpecification: { StreamEnabled: true, StreamViewType: 'KEYS_ONLY' } },
      ['Its stream view is KEYS_ONLY, and transitions need NEW_AND_OLD_IMAGES.', STREAM_OFF, WAIT, STREAM_ON],
    ],
    [
      'an old stream',
      { ...leftBehind(), LatestStreamLabel: '2026-11-22T20:15:00.000' },
      [
        'Its stream is from 2026-11-22T20:15:00.000. Transitions of the last 24 hours may be in it, and would be ' +
          'published again. Delete the old tracker, then start a new stream and deploy within the hour.',
        STREAM_OFF,
        WAIT,
        STREAM_ON,
      ],
    ],
    [
      'no protection',
      { ...leftBehind(), DeletionProtectionEnabled: false },
      [
        'DynamoDB does not protect it from deletion. Protect it, or set deletionProtection to false.',
        `${UPDATE}--deletion-protection-enabled`,
      ],
    ],
    [
      'an index that is being made',
      index('active', { IndexStatus: 'CREATING' }),
      ['Its index active is CREATING: wait until it is ACTIVE.'],
    ],
  ])('says of %s one sentence with the commands that fix it', (_case, table, lines) => {
    expect(problemsOf(table).join('\n').split('\n')).toEqual(lines);
  });

  it.each(Object.keys(JOBS_TABLE.indexes))('says how to make the index %s, and that is enough', (name) => {
    const all = leftBehind().GlobalSecondaryIndexes ?? [];
    const without = { ...leftBehind(), GlobalSecondaryIndexes: all.filter(({ IndexName }) => IndexName !== name) };
    const [problem = '', ...others] = problemsOf(without);
    expect(others).toEqual([]);
    expect(problem.split('\n')[0]).toBe(`It has no index ${name}.`);
    const [{ Create: made }] = JSON.parse(/'(.*)'/.exec(problem)?.[1] ?? '') as [{ Create: object }];
    const mended = [...without.GlobalSecondaryIndexes, { ...made, IndexStatus: 'ACTIVE' as const }];
    expect(problemsOf({ ...without, GlobalSecondaryIndexes: mended })).toEqual([]);
  });

  it.each<[string, string, object, string]>([
    [
      'another key',
      'active',
      { KeySchema: [{ AttributeName: 'active_scope', KeyType: 'HASH' }] },
      'Its index active has the key active_scope (HASH) in place of active_scope (HASH), creation_time (RANGE).',
    ],
    [
      'too few attributes',
      'by-status',
      { Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: JOBS_TABLE.projected.slice(0, -2) } },
      'Its index by-status does not carry untracked_since, tags.',
    ],
  ])('says of an index with %s how to make it anew', (_case, name, change, sentence) => {
    const [problem = '', ...others] = problemsOf(index(name, change));
    expect(others).toEqual([]);
    expect(problem).toContain(sentence);
    expect(problem).toContain(`{"Delete":{"IndexName":"${name}"}}`);
    expect(problem).toContain(`{"Create":{"IndexName":"${name}"`);
  });

  it('takes an index that carries more', () => {
    expect(problemsOf(index('by-status', { Projection: { ProjectionType: 'ALL' } }))).toEqual([]);
    expect(problemsOf(index('by-job-id', { Projection: { ProjectionType: 'ALL' } }))).toEqual([]);
  });

  it('takes the old stream of a table that the tracker has already, and no protection where that is asked for', () => {
    const table = { ...leftBehind(), LatestStreamLabel: '2026-01-01T00:00:00.000', DeletionProtectionEnabled: false };
    expect(problemsOf(table, { isNew: false, deletionProtection: false })).toEqual([]);
  });

  it('says everything that is missing', () => {
    const table = { ...leftBehind(), GlobalSecondaryIndexes: [], StreamSpecification: undefined };
    expect(problemsOf(table)).toHaveLength(Object.keys(JOBS_TABLE.indexes).length + 1);
  });
});

describe('the lookup of a table to adopt', () => {
  const dynamoDb = mockClient(DynamoDBClient);
  const ssm = mockClient(SSMClient);
  const wanted = { name: 'Old', region: 'us-east-1', parameterPrefix: '/team', deletionProtection: true };
  const freshly = { ...leftBehind(), LatestStreamLabel: new Date().toISOString().slice(0, -1) };
  const old = { ...leftBehind(), LatestStreamLabel: '2026-01-01T00:00:00.000' };
  const named = (name: string) => Object.assign(new Error('its message'), { name });

  const answer = (table: TableDescription | Error, tracked?: string) => {
    dynamoDb.reset();
    ssm.reset();
    if (table instanceof Error) dynamoDb.on(DescribeTableCommand).rejects(table);
    else dynamoDb.on(DescribeTableCommand, { TableName: 'Old' }).resolves({ Table: table });
    const parameter = ssm.on(GetParameterCommand, { Name: '/team/jobs-table-name' });
    if (tracked === undefined) parameter.rejects(named('ParameterNotFound'));
    else parameter.resolves({ Parameter: { Value: tracked } });
  };

  it('gives the stream, and the key that the table is encrypted by', async () => {
    answer(freshly);
    expect(await findJobsTable(wanted)).toEqual({ jobsTableStreamArn: STREAM_ARN });
    answer({ ...freshly, SSEDescription: { KMSMasterKeyArn: KEY_ARN } });
    expect(await findJobsTable(wanted)).toEqual({ jobsTableStreamArn: STREAM_ARN, jobsTableKeyArn: KEY_ARN });
  });

  it('asks for a new stream, unless the tracker of this prefix has the table already', async () => {
    answer(old);
    await expect(findJobsTable(wanted)).rejects.toThrow(
      /^Bedrock job tracker: the table Old cannot be adopted as it is\.\n {2}- Its stream is from 2026-01-01/,
    );
    answer(old, 'Another');
    await expect(findJobsTable(wanted)).rejects.toThrow(AdoptionError);
    answer(old, 'Old');
    expect(await findJobsTable(wanted)).toEqual({ jobsTableStreamArn: STREAM_ARN });
  });

  it.each([
    ['ResourceNotFoundException', /^Bedrock job tracker: there is no table Old in us-east-1\. Check jobsTableName/],
    ['CredentialsProviderError', /There are no credentials\. Give credentials of the account by AWS_PROFILE/],
    [
      'AccessDeniedException',
      /could not be looked up, which jobsTableName asks for\. AccessDeniedException: its message$/,
    ],
  ])('says of %s what to do', async (name, sentence) => {
    answer(named(name));
    await expect(findJobsTable(wanted)).rejects.toThrow(sentence);
  });
});

describe('a tracker with an adopted table', () => {
  const TABLE = 'arn:aws:dynamodb:us-east-1:111122223333:table/Old';
  const env = { account: '111122223333', region: 'us-east-1' };
  const template = () => synthesize({ env, jobsTableStreamArn: STREAM_ARN });

  it('makes no jobs table, and leaves nothing behind where models are not tracked', () => {
    const alone = synthesize({ env, jobsTableStreamArn: STREAM_ARN, models: false });
    expect(resourcesOf(alone, 'AWS::DynamoDB::Table').map(([id]) => id)).toEqual(['TrackerSweepsTable0C08ECF8']);
    expect(JSON.stringify(alone)).not.toContain('"Retain"');
  });

  it('writes it, reads it, publishes from its stream, and is found with it', () => {
    const on = (role: string) => permissionsOf(template(), role).filter((line) => line.includes(TABLE));
    expect(on('<TrackerTrackJobRole>')).toEqual([`dynamodb:GetItem ${TABLE}`, `dynamodb:PutItem ${TABLE}`]);
    expect(on('<TrackerReconcileJobsRole>')).toEqual([
      `dynamodb:GetItem ${TABLE}`,
      `dynamodb:PutItem ${TABLE}`,
      `dynamodb:Query ${TABLE}/index/active`,
      `dynamodb:Query ${TABLE}/index/by-scope`,
    ]);
    expect(new Set(on('<TrackerPublishTransitionsRole>').map((line) => line.split(' ')[1]))).toEqual(
      new Set([STREAM_ARN]),
    );
    expect(resourceOf(template(), 'AWS::Lambda::EventSourceMapping', 'FunctionStream').Properties).toMatchObject({
      EventSourceArn: STREAM_ARN,
      // A new stream holds nothing old, and LATEST may miss what is written while the mapping is made.
      StartingPosition: 'TRIM_HORIZON',
    });
    expect(readable(template().Outputs[OUTPUT.jobsTableName]?.Value)).toBe('Old');
    const parameters = resourcesOf(template(), 'AWS::SSM::Parameter').map(
      ([, { Properties }]) => Properties as { Name: string; Value: unknown },
    );
    expect(parameters.find(({ Name }) => Name === PARAMETER.jobsTableArn)?.Value).toBe(TABLE);
  });

  it.each([
    ['its own key', { jobsTableKeyArn: KEY_ARN }],
    ["the tracker's key", { encryptionKeyArn: KEY_ARN }],
  ])('uses %s for it', (_case, key) => {
    const adopting = synthesize({ env, jobsTableStreamArn: STREAM_ARN, ...key });
    expect(permissionsOf(adopting, '<TrackerTrackJobRole>')).toContain(
      `kms:GenerateDataKeyWithoutPlaintext ${KEY_ARN}`,
    );
  });

  it('refuses what cannot be', () => {
    const refused = (props: Parameters<typeof synthesize>[0]) => () => synthesize({ env, ...props });
    expect(refused({ jobsTableStreamArn: TABLE })).toThrow(
      `jobsTableStreamArn is "${TABLE}": it takes the ARN of a table's stream`,
    );
    expect(refused({ jobsTableStreamArn: STREAM_ARN, removalPolicy: RemovalPolicy.DESTROY, models: false })).toThrow(
      'removalPolicy has no effect on an adopted jobsTable: leave it out',
    );
    expect(refused({ jobsTableStreamArn: STREAM_ARN.replace('us-east-1', 'eu-west-1') })).toThrow(
      "jobsTable is in 111122223333 in eu-west-1: it takes a table of the stack's own account and Region, 111122223333 in us-east-1",
    );
  });

  it('refuses a table that is imported without its stream', () => {
    const stack = new Stack(makeApp(), 'Acme');
    const jobsTable = Table.fromTableName(stack, 'Old', 'Old');
    expect(() => new BedrockJobTracker(stack, 'Tracker', { _codeDirectory: stubs, jobsTable })).toThrow(
      'jobsTable is imported without tableStreamArn: transitions are published from its stream',
    );
  });
});
