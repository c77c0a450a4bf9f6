/** Models of the simulated Bedrock and what serves them, and their records. */
import { CreateCustomModelDeploymentCommand, CreateProvisionedModelThroughputCommand } from '@aws-sdk/client-bedrock';
import type { PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { OUTPUT, type MODEL_CALLS } from '../../../lib/contract.ts';
import type { ModelRecord } from '../../../lib/domain/model-record.ts';
import { apiCallEvent } from '../../../lib/simulator/events.ts';
import { bedrock, eventually, output, stack, table } from './aws.ts';
import { createJob, endJob, getJob, type CreatedJob } from './jobs.ts';

export const modelsTable = output(OUTPUT.modelsTableName);

export interface MadeModel {
  readonly job: CreatedJob;
  readonly arn: string;
}

/** A job that has completed, and its model. No event tells of either. */
export const makeModel = async (): Promise<MadeModel> => {
  const job = await createJob();
  await endJob(job.arn, 'Completed');
  const { outputModelArn: arn = '' } = await getJob(job.arn);
  return { job, arn };
};

let served = 0;

/** A new deployment of a model: the answer is what CloudTrail tells of the call. */
export const deploy = async (modelArn: string) => {
  const request = { modelDeploymentName: `serving-${(served += 1)}`, modelArn };
  const { customModelDeploymentArn: arn = '' } = await bedrock.send(new CreateCustomModelDeploymentCommand(request));
  return { arn, event: callEvent('CreateCustomModelDeployment', request, { customModelDeploymentArn: arn }) };
};

/** A new provisioned throughput of a model. */
export const provision = async (modelArn: string) => {
  const request = { provisionedModelName: `serving-${(served += 1)}`, modelId: modelArn, modelUnits: 2 };
  const command = new CreateProvisionedModelThroughputCommand(request);
  const { provisionedModelArn: arn = '' } = await bedrock.send(command);
  return { arn, event: callEvent('CreateProvisionedModelThroughput', request, { provisionedModelArn: arn }) };
};

/** CloudTrail's event of a call about models, as EventBridge takes it. */
export const callEvent = (
  operation: (typeof MODEL_CALLS)[number],
  requestParameters: object,
  responseElements: object | null,
): PutEventsRequestEntry => {
  const caller = { accountId: stack.account, region: stack.region, accessKeyId: 'AKIDEXAMPLE' };
  const call = { caller, operation, at: Date.now(), requestId: operation, userAgent: 'checks' };
  const event = apiCallEvent({ ...call, requestParameters, responseElements });
  return { Source: event.source, DetailType: event['detail-type'], Detail: JSON.stringify(event.detail) };
};

export const itemOf = async (arn: string): Promise<Readonly<Record<string, unknown>> | undefined> => {
  const key = { TableName: modelsTable, Key: { model_arn: arn }, ConsistentRead: true };
  return (await table.send(new GetCommand(key))).Item;
};

/** The record of a model once it is as it should be. */
export const modelWith = (what: string, arn: string, isSo: (record: ModelRecord) => boolean): Promise<ModelRecord> =>
  eventually(`a record of ${arn} with ${what}`, async () => {
    const record = (await itemOf(arn)) as ModelRecord | undefined;
    if (record !== undefined && !isSo(record)) throw new Error(JSON.stringify(record));
    return record;
  });
