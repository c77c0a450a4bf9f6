import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { bedrockJobs } from '../../../lib/runtime/bedrock-jobs.ts';
import { clientsOfScopes, createBedrockClient } from '../../../lib/runtime/bedrock-calls.ts';
import { MESSAGE_TIMEOUTS, sessionTimeouts, SWEEP_TIMEOUTS, type Timeouts } from '../../../lib/runtime/timeouts.ts';
import { sessionNameOf, spokeCredentials, spokeRoleArn } from '../../../lib/runtime/spoke-credentials.ts';
import type { Scope } from '../../../lib/domain/identity.ts';
import { startFakeSts, stsError, type FakeSts } from '../../support/fake-sts.ts';
import { jsonAnswer, serve, type HttpServer } from '../../support/integration/http.ts';
import { MINUTE } from '../../../lib/domain/time.ts';

const HOME = '123456789012';
const SPOKES = {
  homeAccount: HOME,
  homeRegion: 'eu-central-1',
  roleArn: 'arn:aws:iam::{account}:role/bedrock-job-tracker-spoke-{region}',
  externalId: 'a-shared-word',
};
const HOME_SCOPE = { accountId: HOME, region: 'us-east-1' };
const ONE = { accountId: '210987654321', region: 'us-east-1' };
const OTHER = { accountId: '210987654321', region: 'eu-west-1' };

describe('the role of a scope', () => {
  it('has the account and Region in its name', () => {
    expect(spokeRoleArn(SPOKES, OTHER)).toBe('arn:aws:iam::210987654321:role/bedrock-job-tracker-spoke-eu-west-1');
  });

  it('is assumed only for scopes of other accounts', () => {
    expect(spokeCredentials(undefined, ONE, SWEEP_TIMEOUTS)).toBeUndefined();
    expect(spokeCredentials(SPOKES, HOME_SCOPE, SWEEP_TIMEOUTS)).toBeUndefined();
    expect(spokeCredentials(SPOKES, ONE, SWEEP_TIMEOUTS)).toBeDefined();
  });

  it('is assumed with a valid session name that shows the caller', () => {
    const longest = sessionNameOf({ ...SPOKES, homeRegion: 'a'.repeat(20) });
    expect(sessionNameOf(SPOKES)).toBe('bedrock-job-tracker.123456789012.eu-central-1');
    expect(longest).toMatch(/^[\w+=,.@-]{2,64}$/);
  });
});

describe('the timeouts with AWS', () => {
  // The SDK takes credentials once for a call and all its attempts, and refreshes a session 5 minutes before its end.
  it.each([MESSAGE_TIMEOUTS, SWEEP_TIMEOUTS])(
    'end %j before a session that was valid at its start could end',
    (timeouts) => {
      const longestBackoff = 20_000;
      const longest = timeouts.maxAttempts * timeouts.requestTimeout + (timeouts.maxAttempts - 1) * longestBackoff;
      expect(longest).toBeLessThan(5 * MINUTE);
    },
  );

  it('allow a session no more time than one attempt at Bedrock', () => {
    const { maxAttempts, requestTimeout } = sessionTimeouts(MESSAGE_TIMEOUTS);
    expect(maxAttempts * requestTimeout).toBeLessThanOrEqual(MESSAGE_TIMEOUTS.requestTimeout);
  });
});

// A thousand calls over HTTP: seconds where nothing else runs.
jest.setTimeout(60_000);

describe('a session', () => {
  const QUICK: Timeouts = { maxAttempts: 2, requestTimeout: 900 };
  let sts: FakeSts;
  let bedrock: HttpServer;
  /** Access key and session token of each call that reached Bedrock, and when. */
  const reached: { key: string; token: string; at: number }[] = [];
  let hangs = false;
  beforeAll(async () => {
    sts = await startFakeSts();
    bedrock = await serve(async ({ headers }) => {
      if (hangs) await new Promise((resolve) => setTimeout(resolve, 5_000).unref());
      const [, key = ''] = /Credential=([^/]+)\//.exec(headers.authorization ?? '') ?? [];
      reached.push({ key, token: String(headers['x-amz-security-token'] ?? ''), at: Date.now() });
      return jsonAnswer(200, { modelCustomizationJobSummaries: [] });
    });
    process.env['AWS_ENDPOINT_URL_STS'] = sts.url;
    process.env['AWS_ENDPOINT_URL_BEDROCK'] = bedrock.url;
  });
  beforeEach(() => {
    // Time alone is the test's: what waits, waits in earnest.
    jest.useFakeTimers({
      doNotFake: [
        ...(['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'setImmediate', 'clearImmediate'] as const),
        ...(['nextTick', 'queueMicrotask', 'hrtime', 'performance'] as const),
      ],
      // From the present on: by an answer's Date header the SDK would take another time for a wrong clock.
      now: Date.now(),
    });
    sts.forget();
    sts.denied.clear();
    sts.lifetimeMs = 60 * MINUTE;
    sts.around = (forward) => Promise.resolve(forward());
    hangs = false;
    reached.length = 0;
  });
  afterEach(() => {
    jest.useRealTimers();
  });
  afterAll(async () => {
    delete process.env['AWS_ENDPOINT_URL_STS'];
    delete process.env['AWS_ENDPOINT_URL_BEDROCK'];
    await sts.close();
    await bedrock.close();
  });

  const bedrockOf = (timeouts = QUICK) => {
    const clientOf = clientsOfScopes((scope) => createBedrockClient(scope, timeouts, SPOKES));
    return (scope: Scope) => bedrockJobs(clientOf(scope), scope);
  };
  const list = async (bedrock: ReturnType<typeof bedrockOf>, scope: Scope) =>
    Array.fromAsync(bedrock(scope).listJobs({}));

  it("is requested from the STS of the function's own Region, with the external id, for an hour", async () => {
    await list(bedrockOf(), OTHER);
    expect(sts.assumed).toEqual([
      {
        roleArn: spokeRoleArn(SPOKES, OTHER),
        sessionName: sessionNameOf(SPOKES),
        externalId: 'a-shared-word',
        durationSeconds: '3600',
        authorization: expect.stringMatching(/Credential=test\/\d{8}\/eu-central-1\/sts\/aws4_request/) as unknown,
      },
    ]);
    expect(reached).toMatchObject([{ key: OTHER.accountId }]);
  });

  it('is requested once for 1000 calls of a scope, and never for the home account', async () => {
    const calls = bedrockOf();
    for (let round = 0; round < 250; round += 1) {
      await Promise.all([ONE, OTHER, ONE, HOME_SCOPE].map((scope) => list(calls, scope)));
    }
    expect(sts.assumed.map(({ roleArn }) => roleArn).sort()).toEqual(
      [ONE, OTHER].map((scope) => spokeRoleArn(SPOKES, scope)).sort(),
    );
    expect(reached).toHaveLength(1000);
    expect(reached.filter(({ key }) => key === 'test')).toHaveLength(250);
    expect(reached.filter(({ key }) => key === ONE.accountId)).toHaveLength(750);
  });

  it('is requested three times by each call, however many failed before', async () => {
    const calls = bedrockOf({ maxAttempts: 1, requestTimeout: 900 });
    sts.around = () => Promise.resolve(stsError(500, 'InternalFailure', 'Try again.'));
    for (let failed = 0; failed < 20; failed += 1) await expect(list(calls, ONE)).rejects.toThrow('Try again.');
    expect(sts.assumed).toHaveLength(60);
  });

  it('is requested once by concurrent calls', async () => {
    const calls = bedrockOf();
    for (const round of [1, 2]) {
      await Promise.all(Array.from({ length: 20 }, () => list(calls, ONE)));
      expect(sts.assumed).toHaveLength(round);
      jest.setSystemTime(Date.now() + 56 * MINUTE);
    }
  });

  it('is refreshed before it ends, so that no call has an expired one', async () => {
    const calls = bedrockOf();
    for (let minute = 0; minute <= 300; minute += 1) {
      await Promise.all([list(calls, ONE), list(calls, ONE)]);
      jest.setSystemTime(Date.now() + MINUTE);
    }
    const left = reached.map(({ token, at }) => Date.parse(token.split('|')[1] ?? '') - at);
    expect(Math.min(...left)).toBeGreaterThanOrEqual(5 * MINUTE);
    // 301 minutes in sessions of 55 that are used.
    expect(sts.assumed).toHaveLength(6);
  });

  it('that is denied names the role and what to check; the next call tries again', async () => {
    const calls = bedrockOf();
    sts.denied.add(spokeRoleArn(SPOKES, ONE));
    const refusals = await Promise.allSettled([list(calls, ONE), list(calls, ONE), list(calls, OTHER)]);
    expect(refusals.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled']);
    await expect(list(calls, ONE)).rejects.toMatchObject({
      code: 'ACCESS_DENIED',
      message: expect.stringMatching(
        /assume arn:aws:iam::210987654321:role\/bedrock-job-tracker-spoke-us-east-1 for account 210987654321, Region us-east-1.*spoke stack deployed.*external id/,
      ) as unknown,
    });
    expect(sts.assumed.filter(({ roleArn }) => roleArn === spokeRoleArn(SPOKES, ONE))).toHaveLength(2);
    sts.denied.clear();
    expect(await list(calls, ONE)).toEqual([]);
    expect(reached.map(({ token }) => token.split('|')[0])).toEqual(
      [OTHER, ONE].map((scope) => spokeRoleArn(SPOKES, scope)),
    );
  });

  it('that is throttled is retried, then the error is passed on', async () => {
    let answers = 0;
    const throttling = stsError(400, 'Throttling', 'Rate exceeded');
    sts.around = (forward) => Promise.resolve((answers += 1) === 1 ? throttling : forward());
    expect(await list(bedrockOf(), ONE)).toEqual([]);
    sts.around = () => Promise.resolve(throttling);
    await expect(list(bedrockOf(), ONE)).rejects.toMatchObject({ name: 'Throttling' });
  }, 20_000);

  it('without an answer of STS times out, and does not block other scopes', async () => {
    const calls = bedrockOf();
    sts.around = () => new Promise(() => undefined);
    const began = performance.now();
    const [, home] = await Promise.all([
      expect(list(calls, ONE)).rejects.toMatchObject({ name: 'TimeoutError' }),
      list(calls, HOME_SCOPE),
    ]);
    expect(home).toEqual([]);
    expect(performance.now() - began).toBeLessThan(5_000);
    sts.around = (forward) => Promise.resolve(forward());
    expect(await list(calls, ONE)).toEqual([]);
  }, 20_000);

  it('lets a call without an answer of Bedrock time out', async () => {
    hangs = true;
    const began = performance.now();
    await expect(list(bedrockOf(), ONE)).rejects.toMatchObject({ name: 'TimeoutError' });
    expect(performance.now() - began).toBeLessThan(4_500);
  }, 20_000);
});
