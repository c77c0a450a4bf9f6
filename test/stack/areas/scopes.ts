import path from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { OUTPUT, PARAMETER, SCOPE_ITEM, SPOKE_PARAMETER, spokeRoleName } from '../../../lib/contract.ts';
import type { ScopeRecord } from '../../../lib/tracking/scope.ts';
import { awsIn, clientsOf, eventually, parameterOf, stack, table } from '../support/aws.ts';
import { CONTEXT, deploy, synthesize } from '../support/cdk.ts';
import { putEventsBy, sampleEvent } from '../support/events.ts';
import { createJob, type CreatedJob } from '../support/jobs.ts';
import { recordOf, recordWith } from '../support/records.ts';
import {
  deploySpoke,
  hubIdOf,
  ORGANIZATION,
  OUTSIDER,
  parametersFor,
  registryOf,
  scopeName,
  sendHeartbeat,
  SPOKE_STACK,
  type Somewhere,
} from '../support/spokes.ts';
import { outputsOf, resourcesOf } from '../support/template.ts';

const OTHER_REGION = 'us-west-2';
const EXTERNAL_ID = 'full-stack-test';
const HUB_CONTEXT = { ...CONTEXT, organizationId: ORGANIZATION, spokeExternalId: EXTERNAL_ID };

const [ABROAD, MEMBER, FAR_MEMBER]: readonly [Somewhere, Somewhere, Somewhere] = [
  { account: stack.account, region: OTHER_REGION },
  { account: '222222222222', region: stack.region },
  { account: '222222222222', region: OTHER_REGION },
];
const SPOKES = [ABROAD, MEMBER, FAR_MEMBER];
/** Its spoke has another external id. */
const STRANGER: Somewhere = { account: '333333333333', region: stack.region };

const spokeTemplate = () => path.join(stack.folder, 'spoke.out', `${SPOKE_STACK}.template.json`);
const hub = registryOf();
const ago = (hours: number): string => new Date(Date.now() - hours * 3_600_000).toISOString();

describe('an organization', () => {
  const jobs: CreatedJob[] = [];
  let outputs: Readonly<Record<string, string>> = {};

  beforeAll(async () => {
    for (const place of SPOKES) jobs.push(await createJob({}, clientsOf(place).bedrock));
    const spoke = path.join(stack.folder, 'spoke.out');
    await Promise.all([synthesize(stack, HUB_CONTEXT), synthesize(stack, { stack: 'spoke' }, spoke)]);
    outputs = await deploy(stack);
  }, 180_000);

  test('is not known to a new hub', async () => {
    await hub.tick();
    for (const place of SPOKES) expect(await hub.recordOf(place)).toBeUndefined();
    for (const { arn } of jobs) expect(await recordOf(arn)).toBeUndefined();
  });

  test.each(SPOKES)(
    'registers $account, $region by the heartbeat of its spoke',
    async (place) => {
      await deploySpoke(place, spokeTemplate(), parametersFor(outputs, EXTERNAL_ID));
      await sendHeartbeat(place);
      expect(await hub.recordWith(place, () => true)).toMatchObject({ state: 'empty', heard_at: expect.any(String) });
    },
    60_000,
  );

  test('is backfilled, a message for each scope', async () => {
    expect(await hub.tick()).toBeGreaterThanOrEqual(SPOKES.length);
    for (const [position, { account, region }] of SPOKES.entries()) {
      const record = await recordWith(jobs[position]?.arn ?? '', 'InProgress', { seconds: 60 });
      expect(record).toMatchObject({ account_id: account, region });
    }
    for (const place of SPOKES) {
      expect(await hub.recordWith(place, ({ state }) => state === 'active')).toMatchObject({ active_jobs: 1 });
    }
  }, 90_000);

  test('is not swept again before that is due', async () => {
    for (const place of SPOKES) await hub.recordWith(place, ({ due_at }) => due_at > new Date().toISOString());
    expect(await hub.tick()).toBe(0);
  });

  test('gets spokes of another hub beside those of this one, with a key for the queue', async () => {
    const other = { ...outputs, [OUTPUT.hubId]: '0123abcd', [SPOKE_PARAMETER.queueKey]: 'alias/jobs' };
    await deploySpoke(FAR_MEMBER, spokeTemplate(), parametersFor(other, EXTERNAL_ID), { name: 'StagingSpoke' });
  }, 60_000);

  test.each(SPOKES)('makes records of events in $account, $region', async (place) => {
    const { bedrock, events } = clientsOf(place);
    const job = await createJob({}, bedrock);
    await putEventsBy(events, [sampleEvent('state-change-in-progress', job, place)]);
    const record = await recordWith(job.arn, 'InProgress');
    expect(record).toMatchObject({ account_id: place.account, region: place.region, observed_via: 'event' });
  });

  test('may put events on the hub bus, and nobody else, as the template has it', () => {
    const Condition = { StringEquals: { 'aws:PrincipalOrgID': ORGANIZATION } };
    expect(resourcesOf('AWS::Events::EventBusPolicy')).toMatchObject([
      { Properties: { Statement: { Action: 'events:PutEvents', Principal: { AWS: '*' }, Condition } } },
    ]);
  });
});

describe('a scope that cannot be read', () => {
  const outsider: Somewhere = { account: OUTSIDER, region: stack.region };
  const denied = ({ account }: Somewhere) =>
    `Not allowed to assume arn:aws:iam::${account}:role/bedrock-job-tracker-spoke-`;

  test('fails alone if its role has another external id, and is named', async () => {
    const outputs = await outputsOf(stack.name);
    await deploySpoke(STRANGER, spokeTemplate(), parametersFor(outputs, 'another-id'));
    await sendHeartbeat(STRANGER);
    await hub.recordWith(STRANGER, () => true);
    await hub.set(MEMBER, SCOPE_ITEM, { due_at: ago(1) });
    const before = await hub.recordOf(MEMBER);
    await hub.tick();
    const failing = await hub.recordWith(STRANGER, ({ failing_since }) => failing_since !== undefined);
    expect(failing).toMatchObject({ failures: 1, error: expect.stringContaining(denied(STRANGER)) });
    const swept = await hub.recordWith(MEMBER, ({ swept_at }) => swept_at !== before?.swept_at);
    expect(swept).not.toHaveProperty('failing_since');
  }, 90_000);

  test('is tried again, and well once its spoke is right', async () => {
    await deploySpoke(STRANGER, spokeTemplate(), parametersFor(await outputsOf(stack.name), EXTERNAL_ID), {
      update: true,
    });
    await hub.set(STRANGER, SCOPE_ITEM, { due_at: ago(1) });
    await hub.tick();
    const well = await hub.recordWith(STRANGER, ({ failing_since }) => failing_since === undefined);
    expect(well).toMatchObject({ state: 'empty', swept_at: expect.any(String) });
  }, 90_000);

  test('fails if it is outside the organization, though it made a role that lets the hub in', async () => {
    const outputs = await outputsOf(stack.name);
    await deploySpoke(outsider, spokeTemplate(), parametersFor(outputs, EXTERNAL_ID));
    // As if the bus had let its heartbeat in.
    const known = (await hub.recordOf(STRANGER)) as ScopeRecord;
    const forged = { ...known, scope: scopeName(outsider), sweep: SCOPE_ITEM, due_at: ago(1), heard_at: ago(0) };
    await table.send(new PutCommand({ TableName: await parameterOf(PARAMETER.sweepsTableName), Item: forged }));
    await hub.tick();
    const failing = await hub.recordWith(outsider, ({ failing_since }) => failing_since !== undefined);
    expect(failing.error).toContain(denied(outsider));
  }, 90_000);

  test.each([
    ['somebody else in the hub', stack.account],
    ['another account', STRANGER.account],
  ])('lets %s not take its role, even with the external id', async (_who, account) => {
    const roleName = spokeRoleName(hubIdOf(await outputsOf(stack.name)), OTHER_REGION);
    const role = `arn:aws:iam::${FAR_MEMBER.account}:role/${roleName}`;
    const words = ['--role-arn', role, '--role-session-name', 'full-stack-test', '--external-id', EXTERNAL_ID];
    await expect(awsIn({ account }, 'sts', 'assume-role', ...words)).rejects.toThrow(/AccessDenied/);
  });
});

describe('a scope whose spoke is silent', () => {
  let job: CreatedJob = { arn: '', name: '' };

  /** Two passes an hour apart, as a sweep that is under way may remove marks. */
  const pass = async (isThere: (record: ScopeRecord) => boolean): Promise<void> => {
    await hub.set(FAR_MEMBER, SCOPE_ITEM, { due_at: ago(1), heard_at: ago(48) });
    await hub.tick();
    await hub.recordWith(FAR_MEMBER, isThere);
  };

  test('is released after a day: its records stay, marked', async () => {
    job = await createJob({}, clientsOf(FAR_MEMBER).bedrock);
    await hub.set(FAR_MEMBER, SCOPE_ITEM, { due_at: ago(1) });
    await hub.tick();
    await recordWith(job.arn, 'InProgress');
    await pass(({ due_at }) => due_at > ago(0));
    await eventually('a marked record', async () => (await recordOf(job.arn))?.untracked_since);
    for (const sweep of ['full', 'models']) await hub.set(FAR_MEMBER, sweep, { untracked_since: ago(2) });
    await pass(({ state }) => state === 'released');
    expect(await recordOf(job.arn)).toMatchObject({ status: 'InProgress', untracked_since: expect.any(String) });
    expect(await hub.recordOf(FAR_MEMBER)).toMatchObject({ released_at: expect.any(String) });
  }, 120_000);

  test('is not swept while it is released', async () => {
    await hub.tick();
    expect(await hub.recordOf(FAR_MEMBER)).toMatchObject({ state: 'released' });
  });

  test('comes back with its next heartbeat, and the marks go', async () => {
    await sendHeartbeat(FAR_MEMBER);
    await hub.recordWith(FAR_MEMBER, ({ state }) => state === 'empty');
    await hub.tick();
    expect(await hub.recordWith(FAR_MEMBER, ({ state }) => state === 'active')).not.toHaveProperty('released_at');
    expect(await recordOf(job.arn)).not.toHaveProperty('untracked_since');
  }, 90_000);
});
