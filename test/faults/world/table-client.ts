import {
  ConditionalCheckFailedException,
  InternalServerError,
  ProvisionedThroughputExceededException,
} from '@aws-sdk/client-dynamodb';
import { GetCommand, PutCommand, UpdateCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { Invocation, Machine, Refusal } from './invocation.ts';
import { documentClient, type SimulatedTable } from '../../../lib/simulator/table.ts';

/** The tables of a tracker by name. */
export interface WorldTables {
  readonly jobs: SimulatedTable;
  readonly models: SimulatedTable;
  readonly sweeps: SimulatedTable;
}
export const JOBS = 'jobs';
export const MODELS = 'models';
export const SWEEPS = 'sweeps';

const LARGEST_LAG_MS = 30_000;
/** How long the SDK goes on before it throws what DynamoDB throttles. */
const SDK_RETRIES_MS = 2_000;
const METADATA = { $metadata: {} };

const throttled = () => new ProvisionedThroughputExceededException({ message: 'Slow down', ...METADATA });
const failed = () => new InternalServerError({ message: 'Try again', ...METADATA });
const conflict = () => new ConditionalCheckFailedException({ message: 'The conditional request failed', ...METADATA });

/** The job or the model of a read or a write of one record. */
const arnOf = (command: unknown): string | undefined => {
  const key: Readonly<Record<string, unknown>> | undefined =
    command instanceof GetCommand ? command.input.Key : command instanceof PutCommand ? command.input.Item : undefined;
  // The item of a model has a job, too.
  const arn = key?.['model_arn'] ?? key?.['job_arn'];
  return typeof arn === 'string' ? arn : undefined;
};

const tableNameOf = (command: unknown): string => (command as GetCommand).input.TableName ?? '';

/** A key that is disabled is denied as any other action is. */
const keyDenied = () => Object.assign(new Error('KMS key is disabled'), { name: 'AccessDeniedException' });

const refusalOf = ({ faults, outages, observer }: Machine, command: unknown): Refusal | undefined => {
  if (!outages.keyIsEnabled) return { when: 'before', error: keyDenied() };
  const TableName = tableNameOf(command);
  if (outages.throttledTables.has(TableName) && arnOf(command) !== undefined) {
    const name = command instanceof PutCommand ? 'WriteThrottleEvents' : 'ReadThrottleEvents';
    observer.measure({ namespace: 'AWS/DynamoDB', name, dimensions: { TableName }, value: 1 });
    return { when: 'before', error: throttled(), takes: SDK_RETRIES_MS };
  }
  if (faults.strikes('the table throttles')) return { when: 'before', error: throttled() };
  if (faults.strikes('the table fails with 500')) return { when: 'before', error: failed() };
  const writes = command instanceof PutCommand || command instanceof UpdateCommand;
  if (writes && faults.strikes('the table fails after it wrote')) return { when: 'after', error: failed() };
  const isConditional = writes && command.input.ConditionExpression !== undefined;
  // The first attempt's answer is lost, and the SDK's next attempt finds the condition broken by the first.
  if (isConditional && faults.strikes('a retried write meets itself')) return { when: 'after', error: conflict() };
  return undefined;
};

/** The document client that one invocation holds: its requests meet the world's tables, and their faults. */
export const tableClient = (tables: WorldTables, machine: Machine, invocation: Invocation): DynamoDBDocumentClient =>
  documentClient((command) => {
    const { faults } = machine;
    const indexLag = (): number =>
      faults.strikes('an index lags') ? faults.random('index lag').between(0, LARGEST_LAG_MS) : 0;
    const about = arnOf(command);
    const byName: Readonly<Record<string, SimulatedTable>> = { [JOBS]: tables.jobs, [MODELS]: tables.models };
    return invocation.request({
      call: `${(command as object).constructor.name} ${about?.slice(-12) ?? ''}`,
      about,
      refusal: refusalOf(machine, command),
      effect: () => (byName[tableNameOf(command)] ?? tables.sweeps).run(command, indexLag),
    });
  });
