import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { OUTPUT, SCOPE_ITEM } from '../../../lib/contract.ts';
import type { JobRecord } from '../../../lib/domain/record.ts';
import { ASSEMBLIES, HUB_HOME } from '../../../scripts/keep-release.ts';
import { assemblyFiles, LAST_RELEASE, readRelease } from '../../support/releases.ts';
import { clientsOf, eventually, invoke, stack } from '../support/aws.ts';
import { bootstrap, deploy, outputFolder, synthesize, takeOut } from '../support/cdk.ts';
import { putEventsBy, sampleEvent } from '../support/events.ts';
import { createJob, endJob, type CreatedJob } from '../support/jobs.ts';
import {
  deploySpoke,
  ORGANIZATION,
  parametersFor,
  registryOf,
  sendHeartbeat,
  SPOKE_STACK,
  type Somewhere,
} from '../support/spokes.ts';
import type { Stack } from '../support/stack.ts';

// The steps of docs/hub-and-spoke.md, "Migrate from a list": from the hub of the last release, in an account of its own.

const { notifyEmails, spokeExternalId, ...list } = ASSEMBLIES.hub;
const SELF_REGISTERING = { notifyEmails, spokeExternalId, organizationId: ORGANIZATION };
const MEMBER = '444455556666';
const [ABROAD, NEAR, FAR]: readonly [Somewhere, Somewhere, Somewhere] = [
  { account: HUB_HOME.account, region: 'us-west-2' },
  { account: MEMBER, region: HUB_HOME.region },
  { account: MEMBER, region: 'us-west-2' },
];
const SPOKES = [ABROAD, NEAR, FAR];
/** That of `FAR` is forgotten. */
const UPDATED = [ABROAD, NEAR];

const stackOf = (name: string): Stack => {
  const folder = path.join(stack.folder, `migration-${name}`);
  mkdirSync(folder, { recursive: true });
  return { ...stack, ...HUB_HOME, folder };
};
const [old, present] = [stackOf('old'), stackOf('present')];
const spokeFolder = path.join(present.folder, 'spoke.out');
const hub = registryOf(HUB_HOME);
const { table } = clientsOf(HUB_HOME);
const ago = (hours: number): string => new Date(Date.now() - hours * 3_600_000).toISOString();

/** The released hub: its template, with the functions and the manifest of the released tracker. */
const unpack = (): void => {
  const release = readRelease(LAST_RELEASE);
  for (const assembly of ['tracker', 'hub', 'spoke'] as const) {
    for (const [name, text] of assemblyFiles(release, assembly)) {
      const file = path.join(outputFolder(old), name);
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, text);
    }
  }
  takeOut(outputFolder(old), `${stack.name}.template.json`);
};
const spokeTemplate = (folder: string): string => path.join(folder, `${SPOKE_STACK}.template.json`);

describe(`a hub of ${LAST_RELEASE} with a list of scopes`, () => {
  const jobs = new Map<Somewhere, CreatedJob>();
  let outputs: Readonly<Record<string, string>> = {};
  const deployWith = async (context: Readonly<Record<string, string>>): Promise<Readonly<Record<string, string>>> => {
    await synthesize(present, context);
    return deploy(present);
  };
  /** The record of a place's job once it looks like this. */
  const recordWith = (place: Somewhere, isThere: (record: JobRecord) => boolean): Promise<JobRecord> =>
    eventually(
      `a record of the job in ${place.account}, ${place.region}`,
      async () => {
        const key = { job_arn: jobs.get(place)?.arn ?? '' };
        const command = new GetCommand({ TableName: outputs[OUTPUT.jobsTableName], Key: key, ConsistentRead: true });
        const record = (await table.send(command)).Item as JobRecord | undefined;
        if (record !== undefined && !isThere(record)) throw new Error(`it is ${JSON.stringify(record)}`);
        return record;
      },
      60,
    );
  const isTracked = ({ untracked_since }: JobRecord) => untracked_since === undefined;

  beforeAll(async () => {
    unpack();
    await bootstrap(old);
    outputs = await deploy(old);
    for (const place of SPOKES) {
      await deploySpoke(place, spokeTemplate(outputFolder(old)), parametersFor(outputs, spokeExternalId));
      jobs.set(place, await createJob({}, clientsOf(place).bedrock));
    }
    await invoke(outputs[OUTPUT.reconcileJobsFunctionName] ?? '', { sweep: 'active' }, HUB_HOME);
  }, 180_000);

  test('tracks what the list names', async () => {
    for (const place of SPOKES) expect(await recordWith(place, isTracked)).toMatchObject({ status: 'InProgress' });
  });

  test('goes on with the list and its old spokes when it is upgraded', async () => {
    const upgraded = await deployWith({ ...list, ...SELF_REGISTERING });
    for (const name of [OUTPUT.hubBusArn, OUTPUT.hubId, OUTPUT.hubRoleArns, OUTPUT.jobsTableName]) {
      expect([name, upgraded[name]]).toEqual([name, outputs[name]]);
    }
    for (const place of SPOKES) await endJob(jobs.get(place)?.arn ?? '', 'Completed');
    const told = jobs.get(ABROAD) ?? { arn: '', name: '' };
    await putEventsBy(clientsOf(ABROAD).events, [sampleEvent('state-change-completed', told, ABROAD)]);
    expect(await recordWith(ABROAD, ({ status }) => status === 'Completed')).toMatchObject({ observed_via: 'event' });
    await hub.tick();
    for (const place of [NEAR, FAR]) {
      expect(await recordWith(place, ({ status }) => status === 'Completed')).toMatchObject({ observed_via: 'sweep' });
    }
  }, 180_000);

  test('hears of the spokes that are updated', async () => {
    await synthesize(present, { stack: 'spoke' }, spokeFolder);
    for (const place of UPDATED) {
      await deploySpoke(place, spokeTemplate(spokeFolder), parametersFor(outputs, spokeExternalId), { update: true });
      await sendHeartbeat(place);
      await hub.recordWith(place, ({ heard_at }) => heard_at !== undefined);
    }
    expect(await hub.recordOf(FAR)).not.toHaveProperty('heard_at');
  }, 120_000);

  test('without the list, keeps what it heard of, and releases the rest', async () => {
    expect((await deployWith(SELF_REGISTERING))[OUTPUT.hubRoleArns]).toBe(outputs[OUTPUT.hubRoleArns]);
    for (const place of SPOKES) await hub.set(place, SCOPE_ITEM, { due_at: ago(1) });
    const sweptAt = (await hub.recordOf(NEAR))?.swept_at;
    await hub.tick();
    await recordWith(FAR, ({ untracked_since }) => untracked_since !== undefined);
    await hub.recordWith(NEAR, ({ swept_at }) => swept_at !== sweptAt);
    for (const place of UPDATED) await recordWith(place, isTracked);
  }, 180_000);

  test('with the list again, takes back what was released', async () => {
    await deployWith({ ...list, ...SELF_REGISTERING });
    await hub.set(FAR, SCOPE_ITEM, { due_at: ago(1) });
    await hub.tick();
    await recordWith(FAR, isTracked);
  }, 180_000);
});
