import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { StringListParameter, StringParameter } from 'aws-cdk-lib/aws-ssm';
import type { Construct } from 'constructs';
import { PARAMETER, PARAMETER_PREFIX } from '../contract.ts';
import { present, watchedQueuesOf, type QueueOwner } from './operations/watched.ts';
import { scopeNames, type TrackedScope } from './props/tracked-scopes.ts';

/** What others find by parameters. */
interface Published extends Construct, QueueOwner {
  readonly jobsTable: Table;
  readonly sweepsTable: Table;
  readonly jobEventsDeadLetterQueue: Queue;
  readonly reconcileJobsFunction: IFunction;
}

export interface ParametersProps {
  /** Path of the parameters. */
  readonly prefix: string;
  readonly scopes: readonly TrackedScope[];
}

interface Entry {
  /** The name under the default prefix. */
  readonly name: string;
  readonly value: string | readonly string[];
  readonly description: string;
}

/**
 * By parameters other stacks, services and the command line find the tracker without a CloudFormation export, which
 * would pin it. All are of the standard tier, which is free and holds 4 KB: a hundred scopes take 3.4 KB at most, as the
 * props are checked, and five URLs of queues 0.8.
 */
export function addParameters(tracker: Published, { prefix, scopes }: ParametersProps): void {
  for (const [id, { name, value, description }] of Object.entries(entriesOf(tracker, scopes))) {
    const common = { parameterName: prefix + name.slice(PARAMETER_PREFIX.length), description };
    if (typeof value === 'string') new StringParameter(tracker, id, { ...common, stringValue: value });
    else new StringListParameter(tracker, id, { ...common, stringListValue: [...value] });
  }
}

/** By logical id: CloudFormation would make a parameter anew under another one. */
const entriesOf = (tracker: Published, scopes: readonly TrackedScope[]): Readonly<Record<string, Entry>> => ({
  JobsTableNameParameter: {
    name: PARAMETER.jobsTableName,
    value: tracker.jobsTable.tableName,
    description: 'Name of the table of Amazon Bedrock model customization jobs',
  },
  JobsTableArnParameter: {
    name: PARAMETER.jobsTableArn,
    value: tracker.jobsTable.tableArn,
    description: 'ARN of the table of Amazon Bedrock model customization jobs',
  },
  JobEventsDeadLetterQueueArnParameter: {
    name: PARAMETER.jobEventsDeadLetterQueueArn,
    value: tracker.jobEventsDeadLetterQueue.queueArn,
    description: 'ARN of the queue of events about jobs that the tracker gave up on',
  },
  TrackedScopesParameter: {
    name: PARAMETER.trackedScopes,
    value: scopeNames(scopes),
    description: 'Accounts and Regions whose model customization jobs are tracked: <account id>#<Region>',
  },
  SweepsTableNameParameter: {
    name: PARAMETER.sweepsTableName,
    value: tracker.sweepsTable.tableName,
    description: 'Name of the table of the state of sweeps',
  },
  WatchedQueueUrlsParameter: {
    name: PARAMETER.watchedQueueUrls,
    value: present({ ...watchedQueuesOf(tracker) }).map(([, queue]) => queue.queueUrl),
    description: 'URLs of the queues that are empty unless something is wrong',
  },
  ReconcileJobsFunctionNameParameter: {
    name: PARAMETER.reconcileJobsFunctionName,
    value: tracker.reconcileJobsFunction.functionName,
    description: 'Name of the function that sweeps',
  },
});
