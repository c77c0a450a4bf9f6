import { isDeepStrictEqual } from 'node:util';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, paginateScan } from '@aws-sdk/lib-dynamodb';
import pMap from 'p-map';
import type { JobRecord } from '../../lib/domain/record.ts';
import type { RunFile } from '../../lib/local/run-file.ts';
import type { Truth } from '../../lib/simulator/index.ts';
import { bedrockFields, ENDED, truthAsFields } from '../support/integration/truth.ts';

const json = async (url: string, init: RequestInit = {}): Promise<unknown> => {
  const answer = await fetch(url, init);
  if (!answer.ok) throw new Error(`${url}: ${answer.status} ${await answer.text()}`);
  return answer.json();
};

/** The simulated Bedrock's answers about a job, read without the SDK: the comparison shares no code with the tracker. */
const truthOf = async (bedrockUrl: string, arn: string): Promise<Truth> => {
  const job = await json(`${bedrockUrl}/model-customization-jobs/${encodeURIComponent(arn)}`);
  const { tags } = (await json(`${bedrockUrl}/listTagsForResource`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ resourceARN: arn }),
  })) as { tags: readonly { key: string; value: string }[] };
  return { job: job as Truth['job'], tags: Object.fromEntries(tags.map(({ key, value }) => [key, value])) };
};

const readRecords = async ({ dynamoDbUrl, jobsTable, region }: RunFile): Promise<ReadonlyMap<string, JobRecord>> => {
  const client = new DynamoDBClient({ endpoint: dynamoDbUrl, region });
  const pages = paginateScan({ client: DynamoDBDocumentClient.from(client) }, { TableName: jobsTable });
  const records = new Map<string, JobRecord>();
  for await (const { Items } of pages) {
    for (const item of (Items ?? []) as JobRecord[]) records.set(item.job_arn, item);
  }
  client.destroy();
  return records;
};

const problemOf = (record: JobRecord | undefined, truth: Truth): string | undefined => {
  if (record === undefined) return 'has no record';
  const fields = bedrockFields(record);
  const wanted = truthAsFields(truth);
  const names = [...new Set([...Object.keys(fields), ...Object.keys(wanted)])];
  const different = names.filter((name) => !isDeepStrictEqual(fields[name], wanted[name]));
  if (different.length > 0) return `differs in ${different.join(', ')}`;
  const own = record.transitions.filter(({ task }) => task === undefined).map(({ to }) => to);
  if (new Set(own).size < own.length) return `has a transition twice: ${own.join(', ')}`;
  if (own.at(-1) !== record.status) return `is ${record.status ?? ''}, but its history ends with ${own.at(-1) ?? ''}`;
  if (!ENDED.includes(record.status ?? '')) return `is still ${record.status ?? ''}`;
  return record.active_scope === undefined ? undefined : 'has ended, but is still in the index of active jobs';
};

/** The problems of the records, a line for each job; empty where each equals Bedrock's answer. */
export const compareRecords = async (run: RunFile, arns: readonly string[]): Promise<readonly string[]> => {
  const records = await readRecords(run);
  const wrong = await pMap(
    arns,
    async (arn) => {
      const problem = problemOf(records.get(arn), await truthOf(run.bedrockUrl ?? '', arn));
      return problem === undefined ? [] : [`${arn} ${problem}`];
    },
    { concurrency: 8 },
  );
  const invented = [...records.keys()].filter((arn) => !arns.includes(arn));
  return [...wrong.flat(), ...invented.map((arn) => `${arn} is a record without a job`)];
};
