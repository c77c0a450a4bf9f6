/** Events as Amazon Bedrock and CloudTrail put them: the documented samples, about a job of this test. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { PutEventsCommand, type EventBridgeClient, type PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { clientsOf, eventually, events, stack, type Place } from './aws.ts';
import { createJob, type CreatedJob } from './jobs.ts';

const FIXTURES = path.resolve(import.meta.dirname, '..', '..', 'fixtures', 'events');

interface Sample {
  readonly source: string;
  readonly 'detail-type': string;
  readonly account: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: Readonly<Record<string, unknown>>;
}

const SAMPLE_ARN = /arn:aws:bedrock:[a-z0-9-]+:\d{12}:model-customization-job\/[\w.:/-]+/g;

/** A sample of `test/fixtures/events` as it is. */
export const eventText = (fixture: string): string => readFileSync(path.join(FIXTURES, `${fixture}.json`), 'utf8');

/** A sample of `test/fixtures/events` about this job, its account and Region. Its other details stay as they are. */
export const sampleEvent = (
  fixture: string,
  { arn, name }: CreatedJob,
  { account = stack.account, region = stack.region }: Place = {},
): PutEventsRequestEntry => {
  const text = eventText(fixture);
  const sample = JSON.parse(text) as Sample;
  const about = text
    .replaceAll(SAMPLE_ARN, arn)
    .replaceAll(sample.account, account)
    .replaceAll(sample.region, region)
    .replaceAll(/"(jobName|jobIdentifier)": "(?!arn:)[^"]*"/g, `"$1": "${name}"`);
  const { source, resources, detail, 'detail-type': detailType } = JSON.parse(about) as Sample;
  return { Source: source, DetailType: detailType, Resources: [...resources], Detail: JSON.stringify(detail) };
};

/** "Model Customization Job State Change" with this detail. */
export const stateChange = (detail: object): PutEventsRequestEntry => ({
  Source: 'aws.bedrock',
  DetailType: 'Model Customization Job State Change',
  Detail: JSON.stringify(detail),
});

/** Puts events on the default bus, in this order. */
export const putEvents = (...entries: readonly PutEventsRequestEntry[]): Promise<void> => putEventsBy(events, entries);

/** EventBridge takes ten at once. */
export const putEventsBy = async (
  client: EventBridgeClient,
  entries: readonly PutEventsRequestEntry[],
): Promise<void> => {
  for (let start = 0; start < entries.length; start += 10) {
    const { Entries: answers = [] } = await client.send(
      new PutEventsCommand({ Entries: entries.slice(start, start + 10) }),
    );
    const refused = answers.find(({ ErrorCode }) => ErrorCode !== undefined);
    if (refused) throw new Error(`EventBridge refused an event: ${refused.ErrorMessage ?? ''}`);
  }
};

type Item = Readonly<Record<string, unknown>>;

/** The record of a job in a table of another account, once it is there. */
export const recordIn = (place: Place, tableName: string, { arn }: CreatedJob): Promise<Item> =>
  eventually(`a record of ${arn}`, async () => {
    const key = { TableName: tableName, Key: { job_arn: arn }, ConsistentRead: true };
    return (await clientsOf(place).table.send(new GetCommand(key))).Item;
  });

/** A new job of an account whose tracker has made a record of its event. */
export const trackJob = async (place: Place, tableName: string): Promise<{ job: CreatedJob; record: Item }> => {
  const { bedrock, events } = clientsOf(place);
  const job = await createJob({}, bedrock);
  await putEventsBy(events, [sampleEvent('state-change-in-progress', job, place)]);
  return { job, record: await recordIn(place, tableName, job) };
};
