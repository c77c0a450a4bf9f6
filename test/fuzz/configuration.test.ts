import { describe, expect } from '@jest/globals';
import { fc } from '@fast-check/jest';
import * as configuration from '../../lib/runtime/configuration.ts';
import { readSource } from '../../lib/client/environment.ts';
import { ENV } from '../../lib/contract.ts';
import { CONTEXT_SETTINGS, propsFromContext } from '../../lib/infra/props/context.ts';
import { InvalidPropsError } from '../../lib/infra/props/validate-props.ts';
import { formatScope } from '../../lib/domain/identity.ts';
import { fuzz, refuseHuge } from './support/harness.ts';
import { hostileJson, hostileText, mutatedDocument, nested, nestedMaps, weighted } from './support/inputs.ts';

const ENVIRONMENT = {
  [ENV.jobsTable]: 'jobs',
  [ENV.sweepsTable]: 'sweeps',
  [ENV.scopes]: '111111111111#us-east-1, 222222222222#eu-west-1',
  [ENV.sweepMinutes]: 'active=5,idle=60,empty=1440,full=1440,models=60,usage=1440',
  [ENV.releaseAfterHours]: '24',
  [ENV.sweepsQueue]: 'https://sqs.us-east-1.amazonaws.com/111111111111/sweeps',
  [ENV.homeAccount]: '111111111111',
  [ENV.spokeRoleArn]: 'arn:aws:iam::{account}:role/tracker-{region}',
  [ENV.spokeExternalId]: 'some-id',
  [ENV.tagRefreshDays]: '30',
  [ENV.transitionsBus]: 'arn:aws:events:us-east-1:111111111111:event-bus/default',
  [ENV.notificationsTopic]: 'arn:aws:sns:us-east-1:111111111111:topic',
  AWS_REGION: 'us-east-1',
};

/** Variables are texts, or not set. */
const environments = mutatedDocument([ENVIRONMENT], hostileText).map((environment) =>
  Object.fromEntries(
    Object.entries(Object(environment) as object).flatMap(([name, value]: [string, unknown]) =>
      typeof value === 'string' ? [[name, value]] : [],
    ),
  ),
);

const readAll = (env: configuration.Environment) => ({
  track: configuration.readTrackConfiguration(env),
  reconcile: configuration.readReconcileConfiguration(env),
  publish: configuration.readPublishConfiguration(env),
  notify: configuration.readNotifyConfiguration(env),
  source: readSource({}, env),
});

const CONTEXT = {
  accounts: '111111111111, 222222222222',
  regions: ['us-east-1', 'eu-west-1'],
  spokeExternalId: 'some-id',
  activeSweepMinutes: 10,
  fullSweepHours: '12',
  maxConcurrency: 7,
  notifyEmails: 'a@example.com',
  logLevel: 'debug',
  parameterPrefix: '/team/jobs',
  stackName: 'TeamJobs',
  jobsTableName: 'OldJobs',
  alarms: false,
  removalPolicy: 'destroy',
  deletionProtection: false,
};
const HOME = { account: '111111111111', region: 'us-east-1' };

const read = (context: unknown) => {
  const values = Object(context) as Readonly<Record<string, unknown>>;
  const node = { tryGetContext: (key: string) => (Object.hasOwn(values, key) ? values[key] : undefined) };
  return propsFromContext(node as never, HOME);
};

const singleSetting = fc
  .tuple(fc.constantFrom(...Object.keys(CONTEXT_SETTINGS)), fc.oneof(hostileText, hostileJson))
  .map((pair): unknown => Object.fromEntries([pair]));

describe('settings', () => {
  fuzz({
    parser: 'Environment variables',
    inputs: environments,
    parse: readAll,
    codes: ['BAD_CONFIGURATION'],
    check: ({ source, reconcile }, env) => {
      const named = (env[ENV.scopes] ?? '').split(',').map((each) => each.trim());
      expect(reconcile.named.map(formatScope)).toEqual([...new Set(named)].filter((each) => each !== ''));
      expect(reconcile.periods.active).toBeGreaterThanOrEqual(60_000);
      expect(source.tableName).toBe(env[ENV.jobsTable]);
      expect(Number.isSafeInteger(reconcile.tagRefreshDays ?? 0)).toBe(true);
    },
  });

  fuzz({
    parser: 'CDK context',
    inputs: weighted([3, mutatedDocument([CONTEXT])], [1, singleSetting]),
    parse: read,
    isRefusal: (error) => error instanceof InvalidPropsError,
    longest: 20_000,
    mayHaveLines: true,
    check: ({ maxConcurrency = 2 }) => expect(maxConcurrency).toBeLessThanOrEqual(1000),
  });

  refuseHuge('an environment', {
    // Lambda's variables have 4 kB, all of them together.
    '64 kB of scopes that are none': () => readAll({ ...ENVIRONMENT, [ENV.scopes]: ','.repeat(65_536) }),
    '64 kB of minutes': () => readAll({ ...ENVIRONMENT, [ENV.sweepMinutes]: 'active=5,'.repeat(8000) }),
    'a table name of 10 MB': () => readAll({ ...ENVIRONMENT, [ENV.jobsTable]: 'a'.repeat(10_000_000) }),
    'an ARN of 10 MB': () =>
      readAll({ ...ENVIRONMENT, [ENV.spokeRoleArn]: `arn:aws:iam::{account}:role/${'{region}'.repeat(1_250_000)}` }),
  });
  refuseHuge(
    'a context',
    {
      'lists in 100,000 levels': () => read({ accounts: nested() }),
      'maps in 100,000 levels': () => read({ accounts: nestedMaps() }),
      'a number of 1,000 digits': () => read({ activeSweepMinutes: '9'.repeat(1000) }),
      'an address of 10 MB': () => read({ notifyEmails: 'a'.repeat(10_000_000) }),
    },
    { isRefusal: (error: Error) => error instanceof InvalidPropsError, mayHaveLines: true, longest: 5000 },
  );
});
