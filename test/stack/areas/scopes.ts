import { readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { OUTPUT, SPOKE_PARAMETER, spokeRoleName } from '../../../lib/contract.ts';
import { awsIn, clientsOf, eventually, type Place, stack } from '../support/aws.ts';
import { CONTEXT, deploy, synthesize } from '../support/cdk.ts';
import { putEventsBy, sampleEvent } from '../support/events.ts';
import { createJob, type CreatedJob } from '../support/jobs.ts';
import { recordOf, recordWith, sweep } from '../support/records.ts';
import { resourcesOf } from '../support/template.ts';

const MEMBER = '222222222222';
const OTHER_REGION = 'us-west-2';
const EXTERNAL_ID = 'full-stack-test';
const HUB_CONTEXT = {
  ...CONTEXT,
  accounts: `${stack.account},${MEMBER}`,
  regions: `${stack.region},${OTHER_REGION}`,
  spokeExternalId: EXTERNAL_ID,
};
const SPOKES = [
  { account: stack.account, region: OTHER_REGION },
  { account: MEMBER, region: stack.region },
  { account: MEMBER, region: OTHER_REGION },
] as const;
const SPOKE_STACK = 'BedrockJobTrackerSpoke';
const spokeTemplate = () => path.join(stack.folder, 'spoke.out', `${SPOKE_STACK}.template.json`);

/** Deploys the one template to an account and Region, as a StackSet does. */
const deploySpoke = async (
  place: Place,
  outputs: Readonly<Record<string, string>>,
  name = SPOKE_STACK,
): Promise<void> => {
  const parameters: Readonly<Record<string, string>> = { ...outputs, [SPOKE_PARAMETER.externalId]: EXTERNAL_ID };
  const given = Object.values(SPOKE_PARAMETER)
    .filter((parameter) => parameters[parameter] !== undefined)
    .map((parameter) => ({ ParameterKey: parameter, ParameterValue: parameters[parameter] }));
  await awsIn(
    place,
    ...['cloudformation', 'create-stack', '--stack-name', name, '--capabilities', 'CAPABILITY_NAMED_IAM'],
    ...['--template-body', readFileSync(spokeTemplate(), 'utf8'), '--parameters', JSON.stringify(given)],
  );
  await eventually(`a spoke in ${place.account ?? ''}, ${place.region ?? ''}`, async () => {
    const { Stacks } = await awsIn<{ Stacks: { StackStatus: string }[] }>(
      place,
      ...['cloudformation', 'describe-stacks', '--stack-name', name],
    );
    const status = Stacks[0]?.StackStatus;
    if (status !== 'CREATE_COMPLETE') throw new Error(`its status is ${status ?? 'absent'}`);
    return true;
  });
};

describe('many accounts and Regions', () => {
  const jobs: CreatedJob[] = [];
  let outputs: Readonly<Record<string, string>> = {};

  beforeAll(async () => {
    for (const place of SPOKES) jobs.push(await createJob({}, clientsOf(place).bedrock));
    const spoke = path.join(stack.folder, 'spoke.out');
    await Promise.all([synthesize(stack, HUB_CONTEXT), synthesize(stack, { stack: 'spoke' }, spoke)]);
    outputs = await deploy(stack);
  }, 180_000);

  test('a scope without a spoke fails alone, and the error names it', async () => {
    const atHome = await createJob();
    await expect(sweep('active')).rejects.toThrow(new RegExp(`${MEMBER}#${OTHER_REGION}`));
    expect(await recordOf(atHome.arn)).toMatchObject({ status: 'InProgress' });
    expect(await recordOf(jobs[2]?.arn ?? '')).toBeUndefined();
  });

  test('once the spokes are there, every scope backfills by itself', async () => {
    for (const place of SPOKES) await deploySpoke(place, outputs);
    await sweep('active');
    for (const [position, { account, region }] of SPOKES.entries()) {
      expect(await recordOf(jobs[position]?.arn ?? '')).toMatchObject({
        account_id: account,
        region,
        status: 'InProgress',
      });
    }
  }, 120_000);

  test('another hub gets spokes of its own beside them, with a key for the queue', async () => {
    const other = { ...outputs, [OUTPUT.hubId]: '0123abcd', [SPOKE_PARAMETER.queueKey]: 'alias/jobs' };
    await deploySpoke({ account: MEMBER, region: OTHER_REGION }, other, 'StagingSpoke');
  }, 60_000);

  test.each(SPOKES)('an event in $account, $region becomes a record of the hub', async (place) => {
    const { bedrock, events } = clientsOf(place);
    const job = await createJob({}, bedrock);
    await putEventsBy(events, [sampleEvent('state-change-in-progress', job, place)]);
    const record = await recordWith(job.arn, 'InProgress');
    expect(record).toMatchObject({ account_id: place.account, region: place.region, observed_via: 'event' });
  });

  test.each([
    ['somebody else in the hub', stack.account, EXTERNAL_ID],
    ['another account', '333333333333', EXTERNAL_ID],
  ])('%s may not take the role of a spoke', async (_who, account, externalId) => {
    const role = `arn:aws:iam::${MEMBER}:role/${spokeRoleName(outputs[OUTPUT.hubId] ?? '', OTHER_REGION)}`;
    const words = ['--role-arn', role, '--role-session-name', 'full-stack-test', '--external-id', externalId];
    await expect(awsIn({ account }, 'sts', 'assume-role', ...words)).rejects.toThrow(/AccessDenied/);
  });

  test("the accounts of the scopes may put events on the hub's bus, as the template has it", () => {
    const principal = { AWS: [stack.account, MEMBER].map((account) => `arn:aws:iam::${account}:root`) };
    expect(resourcesOf('AWS::Events::EventBusPolicy')).toMatchObject([
      { Properties: { Statement: { Action: 'events:PutEvents', Effect: 'Allow', Principal: principal } } },
    ]);
  });

  test('the outputs are what a spoke takes', () => {
    expect(outputs).toMatchObject({
      [OUTPUT.hubBusArn]: expect.stringContaining(':event-bus/'),
      [OUTPUT.hubRoleArns]: expect.stringContaining(':role/'),
    });
  });
});

describe('a scope that is tracked no longer', () => {
  test('keeps its records, marked', async () => {
    const job = await createJob({}, clientsOf({ account: MEMBER }).bedrock);
    await sweep('active');
    expect(await recordOf(job.arn)).toMatchObject({ status: 'InProgress' });
    await synthesize(stack, { ...HUB_CONTEXT, accounts: stack.account });
    await deploy(stack);
    await sweep('full');
    expect(await recordOf(job.arn)).toMatchObject({ status: 'InProgress', untracked_since: expect.any(String) });
  }, 120_000);
});
