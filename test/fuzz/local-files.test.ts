import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect } from '@jest/globals';
import { readRunFile } from '../../lib/local/run-file.ts';
import { SimulatedJobs } from '../../lib/simulator/jobs.ts';
import { restore, StateFileError } from '../../lib/simulator/persistence.ts';
import { fuzz, refuseHuge } from './support/harness.ts';
import { mutatedBody, nestedJson } from './support/inputs.ts';

const folder = mkdtempSync(join(tmpdir(), 'fuzz-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const RUN = {
  pid: process.pid,
  webUrl: 'http://127.0.0.1:1',
  dynamoDbUrl: 'http://127.0.0.1:2',
  region: 'us-east-1',
  jobsTable: 'jobs',
  sweepsTable: 'sweeps',
  scopes: ['123456789012#us-east-1'],
};
const scope = { accountId: '123456789012', region: 'us-east-1' };
const jobArn = 'arn:aws:bedrock:us-east-1:123456789012:model-customization-job/amazon.nova-lite-v1:0:300k/abcdefghijkl';
const STATE = {
  format: 'bedrock-simulator/1',
  random: 7,
  jobs: [
    {
      scope,
      createdAt: 1_790_000_000_000,
      given: { jobArn, jobName: 'x', creationTime: '2026-09-21T00:00:00.000Z', status: 'Completed' },
      tags: [['team', 'ml']],
      forced: { at: 1_790_000_000_001, status: 'Completed' },
    },
  ],
  tokens: [{ scope, token: 't', jobArn, fingerprint: 'f' }],
};
const arnOf = (resource: string) => `arn:aws:bedrock:us-east-1:123456789012:${resource}`;
const modelArn = arnOf('custom-model/amazon.nova-lite-v1:0:300k/abcdefghijkl');
const staged = (given: object) => [
  { scope, createdAt: 1_790_000_000_000, tags: [], stages: [{ at: 1_790_000_000_000, given }] },
];
const STATE_WITH_MODELS = {
  ...STATE,
  models: staged({ modelArn, modelName: 'm', creationTime: '2026-09-21T00:00:00.000Z', modelStatus: 'Active' }),
  deployments: staged({
    ...{ customModelDeploymentArn: arnOf('custom-model-deployment/abcdefghijkl'), modelDeploymentName: 'd' },
    ...{ modelArn, createdAt: '2026-09-21T00:00:00.000Z', status: 'Active' },
  }),
  throughputs: staged({
    ...{ provisionedModelArn: arnOf('provisioned-model/abcdefghijkl'), provisionedModelName: 'p' },
    ...{ modelArn, creationTime: '2026-09-21T00:00:00.000Z', status: 'InService' },
  }),
  use: [
    [
      arnOf('provisioned-model/abcdefghijkl'),
      [[1_790_000_000_000, { invocations: 1, inputTokens: 2, outputTokens: 3 }]],
    ],
  ],
};

const runOf = (text: string) => {
  writeFileSync(join(folder, 'run.json'), text);
  return readRunFile(folder);
};
const stateOf = (text: string) => {
  const path = join(folder, 'state.json');
  writeFileSync(path, text);
  const store = new SimulatedJobs(() => undefined);
  const random = restore(path, store, 1_790_000_000_100);
  return { random, jobs: [...store.all()].map((job) => store.answer(job, 1_790_000_000_100)) };
};

describe('a file of a local run', () => {
  fuzz({
    parser: 'Run file',
    inputs: mutatedBody([RUN]),
    parse: runOf,
    codes: ['TRACKER_NOT_FOUND'],
    check: ({ region, scopes }) => expect([region, ...scopes].every((text) => typeof text === 'string')).toBe(true),
  });

  fuzz({
    parser: 'Simulator state file',
    inputs: mutatedBody([STATE, STATE_WITH_MODELS]),
    parse: stateOf,
    isRefusal: (error) => error instanceof StateFileError,
    quotes: true,
    check: ({ random, jobs }) => {
      expect(Number.isFinite(random)).toBe(true);
      for (const { jobArn: arn, jobName } of jobs) expect([typeof arn, typeof jobName]).toEqual(['string', 'string']);
    },
  });

  refuseHuge('a run file', {
    'lists in 100,000 levels': () => runOf(nestedJson()),
    '10 MB of nothing': () => runOf('x'.repeat(10_000_000)),
  });
  refuseHuge(
    'a state file',
    {
      'lists in 100,000 levels': () => stateOf(nestedJson()),
      '10 MB of nothing': () => stateOf('x'.repeat(10_000_000)),
      '10,000 jobs that are none': () => stateOf(JSON.stringify({ ...STATE, jobs: Array(10_000).fill({}) })),
    },
    { isRefusal: (error: Error) => error instanceof StateFileError },
  );
});
