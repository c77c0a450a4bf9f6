import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { createJobsClient } from '../../../lib/client/jobs-client.ts';
import { OUTPUT, PARAMETER, VERSION, type TrackerSettings } from '../../../lib/contract.ts';
import type { JobRecord } from '../../../lib/domain/record.ts';
import { ASSEMBLIES } from '../../../scripts/keep-release.ts';
import { assemblyFiles, LAST_RELEASE, readRelease } from '../../support/releases.ts';
import { clientsOf, eventually, invoke, parametersOf, stack } from '../support/aws.ts';
import { bootstrap, deploy, outputFolder, synthesize } from '../support/cdk.ts';
import { putEventsBy, sampleEvent } from '../support/events.ts';
import { createJob, endJob, type CreatedJob } from '../support/jobs.ts';
import type { Stack } from '../support/stack.ts';
import { physicalIds } from '../support/template.ts';

// The last release in an account of its own, upgraded in place and then brought back.

const HOME = { account: '555555555555' } as const;
const { bedrock, events, table } = clientsOf(HOME);
const release = readRelease(LAST_RELEASE);

/** The stack as the CDK of a version knows it: each has its own folder of templates. */
const stackOf = (version: string): Stack => {
  const folder = path.join(stack.folder, `version-${version}`);
  mkdirSync(folder, { recursive: true });
  return { ...stack, ...HOME, folder };
};
const [old, present] = [stackOf(LAST_RELEASE), stackOf('present')];

const unpack = (): void => {
  for (const [name, text] of assemblyFiles(release, 'tracker')) {
    const file = path.join(outputFolder(old), name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  writeFileSync(path.join(old.folder, 'client.cjs'), release.files['client.cjs'] ?? '');
};

/** What clients of all versions have in common. */
interface Reader {
  getJob(arn: string, how: { consistent: true }): Promise<{ job?: JobRecord | undefined }>;
  listJobs(request: object): Promise<{ jobs: readonly { job_arn: string }[] }>;
}
const readers = (tableName: string): readonly Reader[] => {
  const load = createRequire(import.meta.filename);
  const released = load(path.join(old.folder, 'client.cjs')) as { createJobsClient: typeof createJobsClient };
  const scopes = [{ accountId: HOME.account, region: stack.region }];
  return [released, { createJobsClient }].map((client) => client.createJobsClient(table, { tableName, scopes }));
};

/** What the clients of both versions read of a job, once its record has this status. */
const readTwice = async ({ arn }: CreatedJob, status: string, tableName: string): Promise<readonly JobRecord[]> =>
  eventually(`a record of ${arn} with the status ${status}`, async () => {
    const answers = await Promise.all(readers(tableName).map((reader) => reader.getJob(arn, { consistent: true })));
    const jobs = answers.flatMap(({ job }) => job ?? []);
    return jobs.length === 2 && jobs.every((job) => job.status === status) ? jobs : undefined;
  });

const trackJob = async (tableName: string): Promise<{ job: CreatedJob; read: readonly JobRecord[] }> => {
  const job = await createJob({}, bedrock);
  await putEventsBy(events, [sampleEvent('state-change-in-progress', job, HOME)]);
  return { job, read: await readTwice(job, 'InProgress', tableName) };
};

interface Deployed {
  readonly outputs: Readonly<Record<string, string>>;
  readonly ids: Readonly<Record<string, string>>;
  readonly parameters: Readonly<Record<string, string>>;
}
const deployAs = async (version: Stack): Promise<Deployed> => {
  const outputs = await deploy(version);
  const [ids, parameters] = await Promise.all([physicalIds(stack.name, HOME), parametersOf(HOME)]);
  return { outputs, ids, parameters };
};

/** Schedules are made anew, as they cannot change their group. One starts all sweeps, and one alarm tells if it does not. */
const MADE_ANEW = /^TrackerReconcileJobs(Schedule|ActiveSweep|FullSweep)|^TrackerAlarmsFullSweepMissing/;

describe(`an upgrade of ${LAST_RELEASE} in place`, () => {
  let [before, after]: (Deployed | undefined)[] = [];
  let [tableName, job, tracked]: [string, CreatedJob | undefined, readonly JobRecord[]] = ['', undefined, []];

  beforeAll(async () => {
    unpack();
    await Promise.all([bootstrap(old), synthesize(present, ASSEMBLIES.tracker)]);
    before = await deployAs(old);
    tableName = before.outputs[OUTPUT.jobsTableName] ?? '';
    ({ job, read: tracked } = await trackJob(tableName));
    await invoke(before.outputs[OUTPUT.reconcileJobsFunctionName] ?? '', { sweep: 'full' }, HOME);
    after = await deployAs(present);
  }, 180_000);

  test('both clients read the same of what the old functions wrote', () => {
    expect(tracked[1]).toEqual(tracked[0]);
    expect(tracked[0]).toMatchObject({ observed_via: 'event', transitions: [{ to: 'InProgress' }] });
  });

  test('keeps every resource but the schedules and the alarm on one of them', () => {
    const kept = Object.entries(before?.ids ?? {}).filter(([id]) => !MADE_ANEW.test(id));
    expect(kept.length).toBeGreaterThan(70);
    expect(after?.ids).toMatchObject(Object.fromEntries(kept));
  });

  test('keeps outputs and SSM parameters', () => {
    const { [OUTPUT.scheduleGroupName]: group, ...outputs } = before?.outputs ?? {};
    expect(group).toBeDefined();
    expect(after?.outputs).toMatchObject(outputs);
    const { [PARAMETER.settings]: settings = '{}', ...parameters } = before?.parameters ?? {};
    expect(after?.parameters).toMatchObject(parameters);
    expect((JSON.parse(settings) as TrackerSettings).version).toBe(LAST_RELEASE);
    expect((JSON.parse(after?.parameters[PARAMETER.settings] ?? '{}') as TrackerSettings).version).toBe(VERSION);
  });

  test('the new functions go on with the old record, and make new ones', async () => {
    if (job === undefined) throw new Error('No job was tracked.');
    await endJob(job.arn, 'Completed');
    await putEventsBy(events, [sampleEvent('state-change-completed', job, HOME)]);
    const [byOld, byNew] = await readTwice(job, 'Completed', tableName);
    expect(byNew).toEqual(byOld);
    const ofJob = byNew?.transitions.filter(({ task }) => task === undefined);
    expect(ofJob?.map(({ from, to }) => [from, to])).toEqual([
      [null, 'InProgress'],
      ['InProgress', 'Completed'],
    ]);
    const { read } = await trackJob(tableName);
    expect(read[1]).toEqual(read[0]);
    const lists = await Promise.all(readers(tableName).map((reader) => reader.listJobs({ status: 'Completed' })));
    expect(lists.map(({ jobs }) => jobs.map(({ job_arn }) => job_arn))).toEqual([[job.arn], [job.arn]]);
  });

  test('the new sweep goes on with the old state', async () => {
    const name = after?.outputs[OUTPUT.reconcileJobsFunctionName] ?? '';
    // Models were not tracked before: their first sweeps are due.
    const swept = { finished: true, counts: { failed: 0 } };
    expect(await invoke(name, { sweep: 'active' }, HOME)).toMatchObject(
      ['active', 'models', 'usage'].map((sweep) => ({ sweep, ...swept })),
    );
  });

  test('goes back, and the old functions track again', async () => {
    const back = await deployAs(old);
    expect(back.outputs).toEqual(before?.outputs);
    expect(back.ids[Object.keys(back.ids).find((id) => id.includes('JobsTable')) ?? '']).toBe(tableName);
    const { read } = await trackJob(tableName);
    expect(read[1]).toEqual(read[0]);
    const [record] = await readTwice(job ?? { arn: '', name: '' }, 'Completed', tableName);
    expect(record?.revision).toBeGreaterThan(1);
  }, 90_000);
});
