import * as v from 'valibot';
import { ENV } from '../contract.ts';
import { TrackerError } from '../domain/errors.ts';
import { parseScope, type Scope } from '../domain/scope.ts';

/** What the Lambda functions are configured by. */
export interface Configuration {
  readonly jobsTable: string;
  readonly scopes: readonly Scope[];
}

export interface ReconcileConfiguration extends Configuration {
  readonly sweepsTable: string;
  readonly tagRefreshDays: number;
}

const tableName = v.pipe(
  v.string('is not set'),
  v.regex(/^[a-zA-Z0-9_.-]{3,255}$/, 'must be the name of a DynamoDB table (3 to 255 of a-z, A-Z, 0-9, _ . -)'),
);

const scopes = v.pipe(
  v.string('is not set'),
  v.transform((text) => text.split(',').map((scope) => parseScope(scope.trim()))),
  v.array(
    v.custom<Scope>(
      (scope) => scope !== undefined,
      'must name scopes as <account id of 12 digits>#<Region>, separated by commas',
    ),
  ),
);

const days = v.pipe(
  v.optional(v.string(), '30'),
  v.regex(/^\d{1,5}$/, 'must be a whole number of days'),
  v.transform(Number),
);

const tracking = { [ENV.jobsTable]: tableName, [ENV.scopes]: scopes } as const;
const reconciling = { ...tracking, [ENV.sweepsTable]: tableName, [ENV.tagRefreshDays]: days } as const;

/** Environment variables by name, as `process.env` has them. */
export type Environment = Readonly<Record<string, string | undefined>>;

const read = <const Schema extends v.GenericSchema>(schema: Schema, env: Environment): v.InferOutput<Schema> => {
  const result = v.safeParse(schema, env);
  if (result.success) return result.output;
  const problems = result.issues.map((issue) => {
    const message = issue.path?.length === 1 && issue.input === undefined ? 'is not set' : issue.message;
    return `${String(issue.path?.[0]?.key)} ${message}`;
  });
  throw new TrackerError(
    'BAD_CONFIGURATION',
    `The environment of this function is not usable: ${[...new Set(problems)].join('; ')}. The stack sets these variables: deploy it again.`,
  );
};

/** The configuration of track-job. Throws one BAD_CONFIGURATION that lists every problem. */
export const readTrackConfiguration = (env: Environment = process.env): Configuration => {
  const values = read(v.object(tracking), env);
  return { jobsTable: values[ENV.jobsTable], scopes: values[ENV.scopes] };
};

/** The configuration of reconcile-jobs. Throws one BAD_CONFIGURATION that lists every problem. */
export const readReconcileConfiguration = (env: Environment = process.env): ReconcileConfiguration => {
  const values = read(v.object(reconciling), env);
  return {
    jobsTable: values[ENV.jobsTable],
    scopes: values[ENV.scopes],
    sweepsTable: values[ENV.sweepsTable],
    tagRefreshDays: values[ENV.tagRefreshDays],
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

/** The bus that publish-transitions puts events on. Throws one BAD_CONFIGURATION that lists every problem. */
export const readPublishConfiguration = (env: Environment = process.env): { readonly bus: string } => ({
  bus: read(v.object({ [ENV.transitionsBus]: busName }), env)[ENV.transitionsBus],
});

/** The topic that notify-transition publishes to. Throws one BAD_CONFIGURATION that lists every problem. */
export const readNotifyConfiguration = (env: Environment = process.env): { readonly topicArn: string } => ({
  topicArn: read(v.object({ [ENV.notificationsTopic]: topicArn }), env)[ENV.notificationsTopic],
});
