import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import type { Construct } from 'constructs';
import { PARAMETER, PARAMETER_PREFIX } from '../contract.ts';

/** What others find by parameters. */
interface Published extends Construct {
  readonly jobsTable: Table;
  readonly jobEventsDeadLetterQueue: Queue;
}

/** By parameters other stacks find the tracker without a CloudFormation export, which would pin it. */
export function addParameters(tracker: Published, prefix: string): void {
  const { jobsTable, jobEventsDeadLetterQueue } = tracker;
  const parameter = (id: string, name: string, stringValue: string, description: string) =>
    new StringParameter(tracker, id, {
      parameterName: prefix + name.slice(PARAMETER_PREFIX.length),
      description,
      stringValue,
    });
  parameter(
    'JobsTableNameParameter',
    PARAMETER.jobsTableName,
    jobsTable.tableName,
    'Name of the table of Amazon Bedrock model customization jobs',
  );
  parameter(
    'JobsTableArnParameter',
    PARAMETER.jobsTableArn,
    jobsTable.tableArn,
    'ARN of the table of Amazon Bedrock model customization jobs',
  );
  parameter(
    'JobEventsDeadLetterQueueArnParameter',
    PARAMETER.jobEventsDeadLetterQueueArn,
    jobEventsDeadLetterQueue.queueArn,
    'ARN of the queue of events about jobs that the tracker gave up on',
  );
}
