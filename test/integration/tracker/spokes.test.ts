import { describe, expect, it } from '@jest/globals';
import { ENV } from '../../../lib/contract.ts';
import { startFakeSts } from '../../support/fake-sts.ts';
import { closeAfterEach, eventually } from '../../support/integration/suite.ts';
import { activeJob, arnOf, finishedJob } from '../../support/integration/jobs.ts';
import { startSimulatedTracker } from '../../support/integration/tracker.ts';

const opened = closeAfterEach();
const HOME = '123456789012';
const SPOKE = '210987654321';
const REGIONS = ['us-east-1', 'eu-west-1'];
const SCOPES = [HOME, SPOKE].flatMap((account) => REGIONS.map((region) => `${account}#${region}`));
const DENIED = `${SPOKE}#eu-west-1`;
const roleIn = (region: string) => `arn:aws:iam::${SPOKE}:role/bedrock-job-tracker-spoke-${region}`;

/** The account that a request's access key names, and the Region of its signature. */
const callerOf = (authorization: string | undefined): string => {
  const [, key = '', region = ''] = /Credential=(\w+)\/\d+\/([a-z0-9-]+)\//.exec(authorization ?? '') ?? [];
  return `${key}#${region}`;
};

const start = async () => {
  const sts = await opened(startFakeSts());
  const tracker = await opened(
    startSimulatedTracker({
      events: false,
      scopes: SCOPES,
      environment: {
        AWS_ENDPOINT_URL_STS: sts.url,
        AWS_ACCESS_KEY_ID: HOME,
        [ENV.homeAccount]: HOME,
        [ENV.spokeRoleArn]: 'arn:aws:iam::{account}:role/bedrock-job-tracker-spoke-{region}',
        [ENV.spokeExternalId]: 'a-shared-word',
      },
    }),
  );
  // The same job ids and names everywhere: only account and Region tell them apart.
  const jobs = [HOME, SPOKE].flatMap((account) =>
    REGIONS.flatMap((region) => [
      activeJob(1, { jobArn: arnOf('1', account, region) }),
      finishedJob(2, { jobArn: arnOf('2', account, region) }),
    ]),
  );
  tracker.simulator.load(jobs);
  return { sts, tracker };
};

describe('a tracker of two accounts in two Regions', () => {
  it('reads each by its own role, leaves the others be where one is denied, and backfills that once it is allowed', async () => {
    const { sts, tracker } = await start();
    sts.denied.add(roleIn('eu-west-1'));
    const failure: unknown = await tracker.sweep('active').catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'SWEEP_INCOMPLETE' });
    expect(String(failure)).toContain('1 scope and 0 jobs could not be swept');
    expect(String(failure)).toContain(`scope ${DENIED}: Not allowed to assume ${roleIn('eu-west-1')}`);
    await eventually(() =>
      expect(tracker.log).toContainEqual(
        expect.objectContaining({ message: 'scope not swept', scope: DENIED, error_code: 'ACCESS_DENIED' }),
      ),
    );
    const others = SCOPES.filter((scope) => scope !== DENIED);
    const scopesOf = async () => (await tracker.records()).map(({ scope }) => scope).sort();
    expect(await scopesOf()).toEqual(others.flatMap((scope) => [scope, scope]).sort());

    sts.denied.clear();
    const reports = await tracker.sweep('active');
    expect(reports.filter(({ sweep }) => sweep === 'full')).toMatchObject([
      { scope: DENIED, finished: true, counts: { listed: 2, failed: 0 } },
    ]);
    await tracker.expectEveryTruth();

    await tracker.sweep('full');
    await tracker.sweep('active');
    expect(sts.assumed.map(({ roleArn }) => roleArn).sort()).toEqual(
      [roleIn('eu-west-1'), roleIn('eu-west-1'), roleIn('us-east-1')].sort(),
    );
    expect(new Set(sts.assumed.map(({ authorization }) => callerOf(authorization)))).toEqual(
      new Set([`${HOME}#us-east-1`]),
    );
    const callers = tracker.bedrock.passed.map(({ headers }) => callerOf(headers.authorization));
    expect([...new Set(callers)].sort()).toEqual([...SCOPES].sort());
  });

  it('looks at a job of another account by the role of its scope when an event tells of it', async () => {
    const { sts, tracker } = await start();
    const jobArn = arnOf('1', SPOKE, 'eu-west-1');
    tracker.send({
      account: SPOKE,
      region: 'eu-west-1',
      source: 'aws.bedrock',
      'detail-type': 'Model Customization Job State Change',
      detail: { jobArn },
    });
    await tracker.drained();
    expect(await tracker.record(jobArn)).toMatchObject({
      account_id: SPOKE,
      region: 'eu-west-1',
      observed_via: 'event',
    });
    expect(sts.assumed.map(({ roleArn }) => roleArn)).toEqual([roleIn('eu-west-1')]);
  });
});
