import { DescribeTableCommand, DynamoDBClient, type TableDescription } from '@aws-sdk/client-dynamodb';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { PARAMETER, parameterUnder } from '../../contract.ts';
import type { BedrockJobTrackerStackProps } from '../props/stack-props.ts';
import { adoptionProblems } from './adoption-problems.ts';

/** A table cannot be adopted; the message lists every reason, with the commands that mend them. */
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
  const [table, tracked] = await Promise.all([
    describe(new DynamoDBClient(settings), wanted),
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

async function describe(client: DynamoDBClient, { name }: WantedTable): Promise<TableDescription> {
  const { Table } = await client.send(new DescribeTableCommand({ TableName: name }));
  return Table ?? {};
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
