import {
  DescribeTableCommand,
  DynamoDBClient,
  type GlobalSecondaryIndexDescription,
  type KeySchemaElement,
  type TableDescription,
} from '@aws-sdk/client-dynamodb';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { carriedBy, type IndexSchema, JOBS_TABLE, PARAMETER, parameterUnder } from '../contract.ts';
import type { BedrockJobTrackerStackProps } from './props/props.ts';

/** A table cannot be adopted; the message lists every reason, with the commands that fix them. */
export class AdoptionError extends Error {
  override readonly name = 'AdoptionError';
  readonly code = 'TABLE_NOT_ADOPTED';
}

export interface WantedTable {
  readonly name: string;
  /** Where the stack goes. The AWS SDK knows the Region by itself where this does not. */
  readonly region: string | undefined;
  readonly parameterPrefix: string;
  readonly deletionProtection: boolean;
}

/** The props by which a stack adopts a table. */
export type AdoptedTable = Required<Pick<BedrockJobTrackerStackProps, 'jobsTableStreamArn'>> &
  Pick<BedrockJobTrackerStackProps, 'jobsTableKeyArn'>;

/**
 * Looks a jobs table up and checks that it can be adopted: one DescribeTable and one GetParameter, with the credentials
 * of the environment.
 *
 * @throws AdoptionError listing everything that is missing
 */
export async function findJobsTable(wanted: WantedTable): Promise<AdoptedTable> {
  const settings = wanted.region === undefined ? {} : { region: wanted.region };
  const [{ Table: table = {} }, tracked] = await Promise.all([
    new DynamoDBClient(settings).send(new DescribeTableCommand({ TableName: wanted.name })),
    trackedTable(new SSMClient(settings), wanted),
  ]).catch((error: unknown) => {
    throw new AdoptionError(reasonOf(error, wanted), { cause: error });
  });
  const { deletionProtection } = wanted;
  const problems = adoptionProblems(table, { isNew: tracked !== wanted.name, deletionProtection, now: new Date() });
  const { LatestStreamArn: jobsTableStreamArn, SSEDescription: encryption } = table;
  if (problems.length > 0 || jobsTableStreamArn === undefined) {
    const lines = problems.map((problem) => `  - ${problem}`).join('\n');
    throw new AdoptionError(`Bedrock job tracker: the table ${wanted.name} cannot be adopted as it is.\n${lines}`);
  }
  // DescribeTable names the key whether it is AWS's or a customer's. On AWS's own the grant has no effect.
  const keyArn = encryption?.KMSMasterKeyArn;
  return { jobsTableStreamArn, ...(keyArn !== undefined && { jobsTableKeyArn: keyArn }) };
}

/** The table of the tracker that has this prefix now; undefined where there is none. */
async function trackedTable(client: SSMClient, { parameterPrefix }: WantedTable): Promise<string | undefined> {
  try {
    const name = parameterUnder(parameterPrefix, PARAMETER.jobsTableName);
    const { Parameter } = await client.send(new GetParameterCommand({ Name: name }));
    return Parameter?.Value;
  } catch (error) {
    if (error instanceof Error && error.name === 'ParameterNotFound') return undefined;
    throw error;
  }
}

const CREDENTIALS =
  'Give credentials of the account by AWS_PROFILE or other variables: the CDK does not hand on its own --profile.';

function reasonOf(error: unknown, { name, region }: WantedTable): string {
  const { name: code, message } = error instanceof Error ? error : new Error(String(error));
  const where = region === undefined ? '' : ` in ${region}`;
  const failed = `Bedrock job tracker: the table ${name}${where} could not be looked up, which jobsTableName asks for.`;
  if (code === 'ResourceNotFoundException') {
    return `Bedrock job tracker: there is no table ${name}${where}. Check jobsTableName, the account and the Region.`;
  }
  if (code === 'CredentialsProviderError') return `${failed} There are no credentials. ${CREDENTIALS}`;
  if (message === 'Region is missing') return `${failed} There is no Region. ${CREDENTIALS}`;
  return `${failed} ${code}: ${message}`;
}

export interface AdoptionDemands {
  /** False where the tracker of this prefix has the table already, and so has read its stream. */
  readonly isNew: boolean;
  readonly deletionProtection: boolean;
  readonly now: Date;
}

/**
 * What a table lacks to be adopted as a jobs table, one sentence each with the AWS CLI command that fixes it.
 * Empty when nothing is missing.
 *
 * @param table what DescribeTable answers
 */
export function adoptionProblems(table: TableDescription, demands: AdoptionDemands): string[] {
  const problems = [...statusProblems(table), ...keyProblems(table)];
  // Commands for a table that is not ready, or of another kind, would only lead astray.
  if (problems.length > 0) return problems;
  const update = (...words: string[]) => `aws dynamodb update-table --table-name ${nameOf(table)} ${words.join(' ')}`;
  return [
    ...Object.entries(JOBS_TABLE.indexes).flatMap(([name, schema]) => indexProblems(table, name, schema, update)),
    ...streamProblems(table, demands, update),
    ...protectionProblems(table, demands, update),
  ];
}

type Update = (...words: string[]) => string;

const nameOf = ({ TableName = '' }: TableDescription): string => TableName;
const withCommands = (sentence: string, ...commands: readonly string[]): string =>
  [sentence, ...commands.map((command) => `    ${command}`)].join('\n');
const waitFor = (table: TableDescription): string => `aws dynamodb wait table-exists --table-name ${nameOf(table)}`;

function statusProblems(table: TableDescription): string[] {
  const { TableStatus: status = 'unknown' } = table;
  if (status === 'ACTIVE') return [];
  return [withCommands(`Its status is ${status}: wait until it is ACTIVE.`, waitFor(table))];
}

function keyProblems({ KeySchema: keys = [], AttributeDefinitions: attributes = [] }: TableDescription): string[] {
  const { partitionKey } = JOBS_TABLE;
  const type = attributes.find(({ AttributeName }) => AttributeName === partitionKey)?.AttributeType;
  if (described(keys) === `${partitionKey} (HASH)` && type === 'S') return [];
  return [
    `Its key is ${described(keys)}, and a jobs table has the partition key ${partitionKey} of type S alone. ` +
      'A key cannot be changed: adopt another table.',
  ];
}

const described = (keys: readonly KeySchemaElement[]): string =>
  keys.map(({ AttributeName = '', KeyType = '' }) => `${AttributeName} (${KeyType})`).join(', ');

function indexProblems(table: TableDescription, name: string, schema: IndexSchema, update: Update): string[] {
  const index = (table.GlobalSecondaryIndexes ?? []).find(({ IndexName }) => IndexName === name);
  if (index === undefined) {
    return [withCommands(`It has no index ${name}.`, update(...creation(name, schema)), waitFor(table))];
  }
  const difference = indexDifference(table, index, schema);
  if (difference !== undefined) {
    const deletion = JSON.stringify([{ Delete: { IndexName: name } }]);
    return [
      withCommands(
        `Its index ${name} ${difference}. Delete it, and create it again once it is gone.`,
        update('--global-secondary-index-updates', `'${deletion}'`),
        update(...creation(name, schema)),
      ),
    ];
  }
  if (index.IndexStatus === undefined || index.IndexStatus === 'ACTIVE') return [];
  return [`Its index ${name} is ${index.IndexStatus}: wait until it is ACTIVE.`];
}

/** How an index differs from what the tracker and its readers need, as the rest of a sentence. */
function indexDifference(
  { AttributeDefinitions: attributes = [] }: TableDescription,
  { KeySchema: keys = [], Projection: projection = {} }: GlobalSecondaryIndexDescription,
  { partitionKey, sortKey, keysOnly }: IndexSchema,
): string | undefined {
  const wanted = `${partitionKey} (HASH), ${sortKey} (RANGE)`;
  if (described(keys) !== wanted) return `has the key ${described(keys)} in place of ${wanted}`;
  const other = attributes.find(
    ({ AttributeName, AttributeType }) =>
      [partitionKey, sortKey].includes(AttributeName ?? '') && AttributeType !== 'S',
  );
  if (other !== undefined)
    return `has the key ${other.AttributeName ?? ''} of type ${other.AttributeType ?? ''}, not S`;
  if (keysOnly === true || projection.ProjectionType === 'ALL') return undefined;
  const carried = [JOBS_TABLE.partitionKey, partitionKey, sortKey, ...(projection.NonKeyAttributes ?? [])];
  const lacking = JOBS_TABLE.projected.filter((attribute) => !carried.includes(attribute));
  return lacking.length === 0 ? undefined : `does not carry ${lacking.join(', ')}`;
}

/** The words of update-table that make an index. DynamoDB makes one at a time. */
function creation(name: string, index: IndexSchema): string[] {
  const projection =
    index.keysOnly === true
      ? { ProjectionType: 'KEYS_ONLY' }
      : { ProjectionType: 'INCLUDE', NonKeyAttributes: carriedBy(index, JOBS_TABLE.projected) };
  const keys = [
    { AttributeName: index.partitionKey, KeyType: 'HASH' },
    { AttributeName: index.sortKey, KeyType: 'RANGE' },
  ];
  const change = [{ Create: { IndexName: name, KeySchema: keys, Projection: projection } }];
  return [
    '--attribute-definitions',
    ...keys.map(({ AttributeName }) => `AttributeName=${AttributeName},AttributeType=S`),
    '--global-secondary-index-updates',
    `'${JSON.stringify(change)}'`,
  ];
}

/** A stream keeps writes for 24 hours. An hour is long enough to deploy after the stream was made. */
const FRESH_MS = 3_600_000;
const VIEW = 'NEW_AND_OLD_IMAGES';

function streamProblems(table: TableDescription, { isNew, now }: AdoptionDemands, update: Update): string[] {
  const { StreamEnabled: isOn = false, StreamViewType: view = '' } = table.StreamSpecification ?? {};
  const on = update('--stream-specification', `StreamEnabled=true,StreamViewType=${VIEW}`);
  const anew = [update('--stream-specification', 'StreamEnabled=false'), waitFor(table), on];
  if (!isOn) return [withCommands('It has no stream.', on)];
  if (view !== VIEW) {
    return [withCommands(`Its stream view is ${view}, and transitions need ${VIEW}.`, ...anew)];
  }
  // A label is a time in UTC without a zone.
  const label = table.LatestStreamLabel ?? '';
  if (!isNew || now.getTime() - Date.parse(`${label}Z`) < FRESH_MS) return [];
  return [
    withCommands(
      `Its stream is from ${label}. Transitions of the last 24 hours may be in it, and would be published again. ` +
        'Delete the old tracker, then start a new stream and deploy within the hour.',
      ...anew,
    ),
  ];
}

function protectionProblems(
  table: TableDescription,
  { deletionProtection }: AdoptionDemands,
  update: Update,
): string[] {
  if (!deletionProtection || table.DeletionProtectionEnabled === true) return [];
  return [
    withCommands(
      'DynamoDB does not protect it from deletion. Protect it, or set deletionProtection to false.',
      update('--deletion-protection-enabled'),
    ),
  ];
}
