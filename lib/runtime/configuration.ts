import * as v from 'valibot';
import { ENV, EVENT_SOURCES, type EventSource, EXTERNAL_ID_PATTERN } from '../contract.ts';
import { TrackerError } from '../domain/errors.ts';
import { parseScopes, type Scope } from '../domain/identity.ts';
import { present } from '../domain/text.ts';
import { HOUR, MINUTE } from '../domain/time.ts';
import type { SweepPeriods } from '../tracking/scope.ts';
import type { SpokeAccess } from './spoke-credentials.ts';

/** The configuration of the Lambda functions. */
export interface Configuration {
  readonly jobsTable: string;
  /** Absent where models are not tracked. */
  readonly modelsTable?: string;
  readonly sweepsTable: string;
  /** How to reach scopes of other accounts; absent if the function's own credentials reach all. */
  readonly spokes?: SpokeAccess;
}

export interface ReconcileConfiguration extends Configuration {
  readonly periods: SweepPeriods;
  /** Scopes that are tracked whether a spoke tells of them or not. */
  readonly named: readonly Scope[];
  /** Absent where this function sweeps the scopes itself. */
  readonly sweepsQueue?: string;
  readonly tagRefreshDays?: number;
  /** Absent where the use of models is not measured. */
  readonly idleAfterDays?: number;
  /** UUIDs of the event source mappings to check. */
  readonly eventSourceMappings: Readonly<Partial<Record<EventSource, readonly string[]>>>;
}

const tableName = v.pipe(
  v.string('is not set'),
  v.regex(/^[a-zA-Z0-9_.-]{3,255}$/, 'must be the name of a DynamoDB table (3 to 255 of a-z, A-Z, 0-9, _ . -)'),
);

const scopes = v.pipe(
  v.string(),
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    const { scopes, problem } = parseScopes(dataset.value);
    if (problem === undefined) return scopes;
    addIssue({ message: problem });
    return NEVER;
  }),
);

const MINUTES = ['active', 'idle', 'empty', 'full', 'models', 'usage'] as const;
/** Whole minutes on AWS, whose schedules know no seconds; a local run has parts of them. */
const PERIOD = /^([a-z]+)=(?=[\d.]*[1-9])(\d{1,7}(?:\.\d{1,20})?)$/;
const sweepMinutes = v.pipe(
  v.string('is not set'),
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    const pairs = dataset.value.split(',').map((part) => PERIOD.exec(part)?.slice(1) ?? []);
    const minutes = new Map(pairs.map(([name = '', value]) => [name, Math.ceil(Number(value) * MINUTE)]));
    const [active, idle, empty] = MINUTES.map((name) => minutes.get(name));
    const isKnown = [...minutes.keys()].every((name) => MINUTES.some((known) => known === name));
    if (isKnown && active !== undefined && idle !== undefined && empty !== undefined) {
      const others = { full: minutes.get('full'), models: minutes.get('models'), usage: minutes.get('usage') };
      return { active, idle, empty, ...present(others) };
    }
    addIssue({
      message:
        'must be minutes of active, idle, empty, and of full, models, usage, such as active=5,idle=60,empty=1440',
    });
    return NEVER;
  }),
);

const hours = v.pipe(v.string(), v.regex(/^[1-9]\d{0,5}$/, 'must be a whole number of hours'), v.transform(Number));

const queueUrl = v.pipe(v.string(), v.regex(/^https?:\/\/\S{1,1024}$/, 'must be the URL of a queue'));

const days = v.pipe(v.string(), v.regex(/^\d{1,5}$/, 'must be a whole number of days'), v.transform(Number));

const accountId = v.pipe(v.string(), v.regex(/^\d{12}$/, 'must be an account id of 12 digits'));

const roleTemplate = v.pipe(
  v.string(),
  v.regex(
    /^arn:aws[a-z-]*:iam::\{account\}:role\/[\w+=,.@/{}-]{1,512}$/,
    'must be the ARN of a role with {account} in place of the account id',
  ),
  v.includes('{region}', 'must have {region} in the name of the role: each Region has its own role'),
);

const externalId = v.pipe(
  v.string(),
  v.regex(
    new RegExp(`^${EXTERNAL_ID_PATTERN}$`),
    'must be an external id (2 to 1224 of a-z, A-Z, 0-9, _ + = , . @ : / -)',
  ),
);

/** Set by Lambda itself. */
const FUNCTION_REGION = 'AWS_REGION';

const tracking = {
  [ENV.jobsTable]: tableName,
  [ENV.modelsTable]: v.optional(tableName),
  [ENV.sweepsTable]: tableName,
  [ENV.homeAccount]: v.optional(accountId),
  [ENV.spokeRoleArn]: v.optional(roleTemplate),
  [ENV.spokeExternalId]: v.optional(externalId),
  [FUNCTION_REGION]: v.optional(v.string()),
} as const;
const eventSources = v.pipe(
  v.optional(v.string(), ''),
  v.transform((text): Record<string, string | undefined> => {
    const parts = text === '' ? [] : text.split(',');
    return Object.fromEntries(
      parts.map((part): [string, string | undefined] => [part.split('=')[0] ?? '', part.split('=')[1]]),
    );
  }),
  v.record(
    v.picklist(EVENT_SOURCES, `must name sources out of ${EVENT_SOURCES.join(', ')}`),
    v.pipe(
      v.string(),
      v.regex(/^[\w-]{1,255}(\+[\w-]{1,255})*$/, 'must name each source with the UUIDs of its event source mappings'),
      v.transform((uuids) => uuids.split('+')),
    ),
  ),
);
const reconciling = {
  ...tracking,
  [ENV.sweepMinutes]: sweepMinutes,
  [ENV.releaseAfterHours]: v.optional(hours, '24'),
  [ENV.scopes]: v.optional(scopes),
  [ENV.sweepsQueue]: v.optional(queueUrl),
  [ENV.tagRefreshDays]: v.optional(days),
  [ENV.idleAfterDays]: v.optional(days),
  [ENV.eventSources]: eventSources,
} as const;

export type Environment = Readonly<Record<string, string | undefined>>;

/** What is wrong with the spokes' variables taken together. */
const spokeProblems = (env: Environment): string[] => {
  const names = [ENV.spokeRoleArn, ENV.homeAccount, ENV.spokeExternalId, FUNCTION_REGION];
  const missing = names.filter((name) => env[name] === undefined);
  if (missing.includes(ENV.spokeRoleArn)) {
    return env[ENV.spokeExternalId] === undefined ? [] : [`${ENV.spokeExternalId} is set without ${ENV.spokeRoleArn}`];
  }
  return missing.map((name) => `${name} is not set, but ${ENV.spokeRoleArn} is`);
};

const problemsOf = (issues: readonly v.BaseIssue<unknown>[]): string[] =>
  issues.map((issue) => {
    const message = issue.path?.length === 1 && issue.input === undefined ? 'is not set' : issue.message;
    return `${String(issue.path?.[0]?.key)} ${message}`;
  });

const read = <const Schema extends v.GenericSchema>(
  schema: Schema,
  env: Environment,
  others: (env: Environment) => readonly string[] = () => [],
): v.InferOutput<Schema> => {
  const result = v.safeParse(schema, env);
  const problems = [...(result.success ? [] : problemsOf(result.issues)), ...others(env)];
  if (result.success && problems.length === 0) return result.output;
  throw new TrackerError(
    'BAD_CONFIGURATION',
    `The environment of this function is invalid: ${[...new Set(problems)].join('; ')}. The stack sets these variables: deploy it again.`,
  );
};

const trackingOf = (values: v.InferOutput<v.ObjectSchema<typeof tracking, undefined>>): Configuration => {
  const {
    [ENV.modelsTable]: modelsTable,
    [ENV.homeAccount]: homeAccount,
    [ENV.spokeRoleArn]: roleArn,
    [ENV.spokeExternalId]: externalId,
    [FUNCTION_REGION]: homeRegion,
  } = values;
  const spokes =
    homeAccount === undefined || roleArn === undefined || externalId === undefined || homeRegion === undefined
      ? undefined
      : { homeAccount, homeRegion, roleArn, externalId };
  return {
    jobsTable: values[ENV.jobsTable],
    sweepsTable: values[ENV.sweepsTable],
    ...present({ modelsTable, spokes }),
  };
};

/** The configuration of track-job. Throws one BAD_CONFIGURATION that lists every problem. */
export const readTrackConfiguration = (env: Environment = process.env): Configuration =>
  trackingOf(read(v.object(tracking), env, spokeProblems));

/** The configuration of reconcile-jobs. Throws one BAD_CONFIGURATION that lists every problem. */
export const readReconcileConfiguration = (env: Environment = process.env): ReconcileConfiguration => {
  const values = read(v.object(reconciling), env, spokeProblems);
  return {
    ...trackingOf(values),
    ...present({
      idleAfterDays: values[ENV.idleAfterDays],
      tagRefreshDays: values[ENV.tagRefreshDays],
      sweepsQueue: values[ENV.sweepsQueue],
    }),
    periods: { ...values[ENV.sweepMinutes], releaseAfter: values[ENV.releaseAfterHours] * HOUR },
    named: values[ENV.scopes] ?? [],
    eventSourceMappings: values[ENV.eventSources],
  };
};

const busName = v.pipe(
  v.string('is not set'),
  v.regex(
    /^(?:arn:[\w-]+:events:[a-z0-9-]+:\d{12}:event-bus\/)?[\w./-]{1,256}$/,
    'must be the name or ARN of an event bus',
  ),
);
const topicArn = v.pipe(
  v.string('is not set'),
  v.regex(/^arn:[\w-]+:sns:[a-z0-9-]+:\d{12}:[\w-]{1,256}$/, 'must be the ARN of an SNS topic'),
);

export interface PublishConfiguration {
  readonly bus: string;
  /** Whether failure messages stay out of the events. */
  readonly redactFailureMessages: boolean;
}

const publishing = {
  [ENV.transitionsBus]: busName,
  [ENV.redactFailureMessages]: v.optional(v.picklist(['true', 'false'], 'must be true or false'), 'false'),
} as const;

/** The configuration of publish-transitions. Throws one BAD_CONFIGURATION that lists every problem. */
export const readPublishConfiguration = (env: Environment = process.env): PublishConfiguration => {
  const values = read(v.object(publishing), env);
  return {
    bus: values[ENV.transitionsBus],
    redactFailureMessages: values[ENV.redactFailureMessages] === 'true',
  };
};

/** The topic that notify-transition publishes to. Throws one BAD_CONFIGURATION that lists every problem. */
export const readNotifyConfiguration = (env: Environment = process.env): { readonly topicArn: string } => ({
  topicArn: read(v.object({ [ENV.notificationsTopic]: topicArn }), env)[ENV.notificationsTopic],
});
