import { createServer } from 'node:http';
import {
  BedrockClient,
  CreateModelCustomizationJobCommand,
  ListModelCustomizationJobsCommand,
} from '@aws-sdk/client-bedrock';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { describe, expect, it } from '@jest/globals';
import { rememberRequests } from '../../../lib/operator/aws-errors.ts';
import { readScopeHealth } from '../../../lib/operator/tracker-health.ts';
import { createJobsClient } from '../../../lib/client/jobs-client.ts';
import type { JobDetails, JobsAnswer, LossCurves, Overview, Session } from '../../../lib/dashboard/api.ts';
import { onAws } from '../../../lib/dashboard/server/on-aws.ts';
import { serveDashboard } from '../../../lib/dashboard/server/create-dashboard.ts';
import { ANY_PORT, listen } from '../../../lib/loopback.ts';
import { closeAfterEach, eventually } from '../../support/integration/suite.ts';
import { createInput } from '../../support/integration/jobs.ts';
import { startSimulatedTracker } from '../../support/integration/tracker.ts';
import { SCOPE } from '../../support/fixtures.ts';
import { HOUR } from '../../../lib/domain/time.ts';

const POLL_MS = 100;
const opened = closeAfterEach();

/** The tracker beside a simulated Bedrock, and a dashboard over its table. */
const start = async (s3Url?: string) => {
  const tracker = await opened(startSimulatedTracker());
  const { tables, simulator, time } = tracker;
  rememberRequests(tracker.client);
  let requests = 0;
  const dynamoDb = rememberRequests(DynamoDBDocumentClient.from(new DynamoDBClient({ endpoint: tables.url })));
  dynamoDb.middlewareStack.add((next) => (args) => {
    requests += 1;
    return next(args);
  });
  const s3 = new S3Client({ endpoint: s3Url ?? simulator.url, forcePathStyle: true });
  const server = await opened(
    serveDashboard(
      {
        jobs: createJobsClient(dynamoDb, { tableName: tables.jobsTable, scopes: [SCOPE], clock: time.now }),
        ...onAws({ dynamoDb, bedrock: () => tracker.client, s3: () => s3 }, tables.jobsTable),
        scopes: [SCOPE],
        tableName: tables.jobsTable,
        region: SCOPE.region,
        health: async () => ({
          ...(await readScopeHealth(
            { dynamoDb, sweepsTable: tables.sweepsTable },
            { named: [SCOPE] },
            new Date(time.now()),
          )),
          queues: [],
        }),
        clock: () => new Date(time.now()),
        assetsDir: '/nowhere',
        updateInterval: POLL_MS,
        invocation: { program: 'bedrock-jobs', trackerFlags: ['--local'] },
      },
      ANY_PORT,
    ),
  );
  const url = `http://127.0.0.1:${server.port}`;
  const read = async <T>(path: string) => (await (await fetch(url + path)).json()) as T;
  const { token = '' } = await read<Session>('/api/session');
  return {
    ...tracker,
    url,
    read,
    requests: () => requests,
    ask: (method: string, path: string, body?: unknown, signal?: AbortSignal) =>
      fetch(url + path, {
        method,
        ...(signal && { signal }),
        headers: { 'x-dashboard-token': token, 'content-type': 'application/json' },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      }),
    create: async (name: string, change = {}) => {
      const { jobArn = '' } = await tracker.client.send(
        new CreateModelCustomizationJobCommand(createInput(name, change)),
      );
      await tracker.drained();
      return jobArn;
    },
  };
};

const address = (jobArn: string): string => `/api/jobs/${encodeURIComponent(jobArn)}`;

/** Follows the stream of updates: what has come so far, and when it is open. */
const follow = async (url: string) => {
  const leaving = new AbortController();
  const answer = await fetch(`${url}/api/updates`, { signal: leaving.signal });
  let text = '';
  const read = async () => {
    for await (const chunk of answer.body ?? []) text += Buffer.from(chunk as Uint8Array).toString();
  };
  const ended = read().catch(() => undefined);
  return {
    text: () => text,
    leave: async () => {
      leaving.abort();
      await ended;
    },
  };
};

describe('the dashboard of a tracked Bedrock', () => {
  it('adds and removes tags, and reports the change within 3 seconds', async () => {
    const { create, ask, read, url } = await start();
    const jobArn = await create('tagged');
    const stream = await follow(url);
    expect((await ask('PUT', `${address(jobArn)}/tags`, { tags: { stage: 'prod' } })).status).toBe(204);
    await eventually(() => expect(stream.text()).toContain(JSON.stringify({ changed: [jobArn] })), 3_000);
    expect((await read<JobDetails>(address(jobArn))).job.tags).toMatchObject({ stage: 'prod', Team: 'Search' });
    expect((await ask('DELETE', `${address(jobArn)}/tags`, { keys: ['Team'] })).status).toBe(204);
    await eventually(async () => {
      expect((await read<JobDetails>(address(jobArn))).job.tags).toEqual({ stage: 'prod', 'Cost-Center': '' });
    });
    await stream.leave();
  });

  it('stops a job, reports it, and shows Bedrock’s refusal of a second stop', async () => {
    const { create, ask, read, url, time } = await start();
    const jobArn = await create('stopped');
    await time.advance(HOUR / 4);
    const stream = await follow(url);
    expect((await ask('POST', `${address(jobArn)}/stop`)).status).toBe(204);
    await eventually(() => expect(stream.text()).toContain('event: jobs'), 3_000);
    expect((await read<JobDetails>(address(jobArn))).job.status).toBe('Stopping');
    await time.advance(HOUR);
    const again = await ask('POST', `${address(jobArn)}/stop`);
    expect(again.status).toBe(409);
    expect(await again.json()).toEqual({ error: expect.stringMatching(/Bedrock/) as unknown });
    await stream.leave();
  });

  it('reports new jobs to each page, and stops polling after the last one', async () => {
    const { create, url, requests } = await start();
    const streams = await Promise.all([follow(url), follow(url), follow(url)]);
    const jobArn = await create('new');
    for (const stream of streams) {
      await eventually(() => expect(stream.text()).toContain(jobArn), 3_000);
    }
    for (const stream of streams) await stream.leave();
    // A poll may be running when the last page closes.
    await new Promise((resolve) => setTimeout(resolve, 3 * POLL_MS));
    const before = requests();
    await new Promise((resolve) => setTimeout(resolve, 10 * POLL_MS));
    expect(requests()).toBe(before);
  });

  it('answers the overview, searches, siblings and curves', async () => {
    const { create, read, time, drained } = await start();
    const first = await create('first');
    await create('second', { hyperParameters: { epochCount: '3' } });
    await create('other-data', { trainingDataConfig: { s3Uri: 's3://acme-training/other.jsonl' } });
    await time.advance(10 * HOUR);
    await drained();
    const { job } = await read<JobDetails>(address(first));
    const running = await create('running', { trainingDataConfig: { s3Uri: 's3://acme-training/third.jsonl' } });
    await time.advance(HOUR / 60);

    const overview = await read<Overview>('/api/overview');
    expect(overview).toMatchObject({ jobs: 4, byStatus: { Completed: 3, InProgress: 1 }, successRate: 1 });
    expect(overview.active).toMatchObject([{ job_arn: running }]);

    const found = async (query: string) =>
      (await read<JobsAnswer>(`/api/jobs?${query}`)).jobs.map(({ job_name }) => job_name).sort();
    expect(await found('')).toEqual(['first', 'other-data', 'running', 'second']);
    expect(await found('search=th')).toEqual(['other-data']);
    expect(await found(`search=${job.job_id}`)).toEqual(['first']);
    expect(await found(`search=${encodeURIComponent(first)}`)).toEqual(['first']);
    expect(await found(`search=${encodeURIComponent('🦙'.repeat(900))}`)).toEqual([]);
    expect(await found('status=Completed&tag=Team:Search')).toEqual(['first', 'other-data', 'second']);
    expect(await found('active=true')).toEqual(['running']);

    const { siblings } = await read<JobDetails>(address(first));
    expect(siblings.map(({ job_name }) => job_name)).toEqual(['second']);

    const curves = await read<LossCurves>(`${address(first)}/loss`);
    expect(curves.training?.length).toBeGreaterThan(1);
    expect(curves.validation?.length).toBeGreaterThan(1);
  });

  it('answers pages with cursors, and refuses the cursor of another request', async () => {
    const { create, read, url } = await start();
    for (const name of ['a', 'b', 'c']) await create(name);
    const first = await read<JobsAnswer>('/api/jobs?limit=2');
    const rest = await read<JobsAnswer>(`/api/jobs?limit=2&cursor=${first.cursor ?? ''}`);
    expect([...first.jobs, ...rest.jobs].map(({ job_name }) => job_name).sort()).toEqual(['a', 'b', 'c']);
    const other = await fetch(`${url}/api/jobs?status=Failed&cursor=${first.cursor ?? ''}`);
    expect(other.status).toBe(400);
    expect(await other.json()).toEqual({ error: expect.stringContaining('cursor') as unknown });
  });

  it('stops reading data when the person leaves, and creates nothing', async () => {
    let reading = 0;
    const endless = createServer((_request, answer) => {
      reading += 1;
      answer.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': 1e9 });
      answer.write('{}\n');
      answer.on('close', () => (reading -= 1));
    });
    const { port } = await opened(listen(endless, 0));
    const { create, ask, client } = await start(`http://127.0.0.1:${port}`);
    const jobArn = await create('first', { trainingDataConfig: { s3Uri: 's3://acme-training/train.jsonl' } });
    const leaving = new AbortController();
    const answer = ask('POST', `${address(jobArn)}/again`, {}, leaving.signal).catch(() => 'left');
    await eventually(() => expect(reading).toBe(1), 3_000);
    leaving.abort();
    expect(await answer).toBe('left');
    await eventually(() => expect(reading).toBe(0), 3_000);
    const { modelCustomizationJobSummaries } = await client.send(new ListModelCustomizationJobsCommand({}));
    expect(modelCustomizationJobSummaries).toHaveLength(1);
  });

  it('reports a missing table with a sentence', async () => {
    const { tables, time } = await start();
    const dynamoDb = rememberRequests(DynamoDBDocumentClient.from(new DynamoDBClient({ endpoint: tables.url })));
    const bedrock = new BedrockClient({});
    const server = await opened(
      serveDashboard(
        {
          jobs: createJobsClient(dynamoDb, { tableName: 'elsewhere', scopes: [SCOPE], clock: time.now }),
          ...onAws({ dynamoDb, bedrock: () => bedrock, s3: () => new S3Client({}) }, 'elsewhere'),
          scopes: [SCOPE],
          tableName: 'elsewhere',
          region: SCOPE.region,
          health: () => Promise.resolve({ scopes: [], queues: [] }),
          clock: () => new Date(),
          assetsDir: '/nowhere',
          updateInterval: POLL_MS,
          invocation: { program: 'bedrock-jobs', trackerFlags: ['--local'] },
        },
        ANY_PORT,
      ),
    );
    const url = `http://127.0.0.1:${server.port}`;
    const answer = await fetch(`${url}/api/jobs`);
    expect(answer.status).toBe(502);
    expect(await answer.json()).toEqual({ error: expect.stringContaining('There is no table elsewhere') as unknown });
    const stream = await follow(url);
    await eventually(() => expect(stream.text()).toContain('There is no table elsewhere'), 3_000);
    await stream.leave();
  });
});
