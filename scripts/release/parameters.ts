import { Aws, Duration, Fn, Token } from 'aws-cdk-lib';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { ARNS } from '../../lib/infra/props/places.ts';
import type { BedrockJobTrackerStackProps } from '../../lib/infra/props/props.ts';
import {
  CONCURRENCY,
  EMAIL,
  LOG_LEVELS,
  LONGEST_EMAIL,
  PARAMETER_PATH,
  withDefaults,
} from '../../lib/infra/props/validate-props.ts';
import type { Json, JsonObject } from './json.ts';

type Props = BedrockJobTrackerStackProps;

/** A parameter of the packaged template: one of the stack's props, known only where the template is deployed. */
export interface Parameter {
  /** The heading above it in CloudFormation's console. */
  readonly group: string;
  /** What the console shows in place of the name. */
  readonly label: string;
  /** As CloudFormation has it: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html */
  readonly definition: JsonObject & {
    readonly Type: 'String' | 'Number';
    readonly Description: string;
    readonly Default: string;
    readonly ConstraintDescription: string;
  };
  /** Props that take the parameter's value as it is. */
  readonly props?: Props;
  /** Conditions that these props name. */
  readonly conditions?: Readonly<Record<string, Json>>;
  /** Where the value decides what is made: the props of each option, by the name of the condition that chooses it. */
  readonly options?: Readonly<Record<string, { readonly when: Json; readonly props: Props }>>;
  /** The props where none of these conditions holds. */
  readonly otherwise?: Props;
}

const DEFAULTS = withDefaults({});
const MESSAGES = 'Messages and alarms';
const SWEEPS = 'Sweeps';
const MODELS = 'Models';
const OPERATION = 'Operation';

const number = (name: string): unknown => Token.asNumber({ Ref: name });
const given = (name: string): Json => ({ 'Fn::Not': [{ 'Fn::Equals': [{ Ref: name }, ''] }] });

/** What a pattern of the props takes, or nothing. CloudFormation reads it as Java does, which is the same for these. */
const orEmpty = ({ source }: RegExp): string => `^(${source.slice(1, -1)})?$`;

/** An ARN that may be left out. */
const arn = (
  name: string,
  prop: keyof typeof ARNS,
  texts: Pick<Parameter, 'group' | 'label'> & { readonly description: string },
): Parameter => ({
  group: texts.group,
  label: texts.label,
  definition: {
    Type: 'String',
    Description: texts.description,
    Default: '',
    AllowedPattern: orEmpty(ARNS[prop].like),
    ConstraintDescription: `must be the ARN of ${ARNS[prop].of}, or empty`,
  },
  options: { [`Has${name}`]: { when: given(name), props: { [prop]: Fn.ref(name) } } },
});

/** A list without its one item is empty: CloudFormation decides that alone, and half as many variants are left. */
const withoutVariants = ({ options = {}, ...parameter }: Parameter, props: Props): Parameter => ({
  ...parameter,
  props,
  conditions: Object.fromEntries(Object.entries(options).map(([name, { when }]) => [name, when])),
});

/** A number that is one of a few. */
const choice = (description: string, standard: number, values: readonly number[]): Parameter['definition'] => ({
  Type: 'Number',
  Description: description,
  Default: String(standard),
  AllowedValues: values.map(String),
  ConstraintDescription: `must be one of ${values.join(', ')}`,
});

/**
 * How often a sweep runs. CloudFormation cannot calculate what follows for schedules and alarms, so there is a variant for
 * each period.
 */
const period = (
  name: string,
  prop: 'activeSweepEvery' | 'fullSweepEvery',
  durations: Readonly<Record<number, Duration>>,
  label: string,
  definition: Parameter['definition'],
): Parameter => {
  const props = Object.entries(durations).map(([amount, every]) => ({ amount, props: { [prop]: every } }));
  const last = props.at(-1);
  return {
    group: SWEEPS,
    label,
    definition,
    options: Object.fromEntries(
      props
        .slice(0, -1)
        .map((each) => [
          `${name}Is${each.amount}`,
          { when: { 'Fn::Equals': [{ Ref: name }, each.amount] }, props: each.props },
        ]),
    ),
    otherwise: last?.props ?? {},
  };
};

const durations = (amounts: readonly number[], unit: (amount: number) => Duration): Record<number, Duration> =>
  Object.fromEntries(amounts.map((amount) => [amount, unit(amount)]));
const ACTIVE_MINUTES = [1, 5, 10, 15, 30, 60];
const FULL_HOURS = [6, 12, 24];

const RETENTION_DAYS = Object.values(RetentionDays)
  .filter((days) => typeof days === 'number')
  // 9999 stands for ever, for which CloudFormation has no number.
  .filter((days) => days !== RetentionDays.INFINITE);

/** The parameters by name, in the order in which the console shows them. */
export const PARAMETERS: Readonly<Record<string, Parameter>> = {
  NotificationEmail: {
    group: MESSAGES,
    label: 'E-mail address for ended jobs',
    definition: {
      Type: 'String',
      Description:
        'Gets a message when a job ends, once its owner has confirmed the mail that SNS sends. Empty: nobody is told',
      Default: '',
      AllowedPattern: orEmpty(EMAIL),
      MaxLength: String(LONGEST_EMAIL),
      ConstraintDescription: 'must be one e-mail address, such as team@example.com, or empty',
    },
    options: {
      HasNotificationEmail: {
        when: given('NotificationEmail'),
        props: { notifications: { emails: [Fn.ref('NotificationEmail')] } },
      },
    },
  },
  AlarmTopicArn: withoutVariants(
    arn('AlarmTopicArn', 'alarmTopicArn', {
      group: MESSAGES,
      label: 'SNS topic for alarms',
      description: 'ARN of a topic of this Region that is notified when an alarm starts and ends. Empty: none',
    }),
    { alarmTopicArn: Fn.conditionIf('HasAlarmTopicArn', Fn.ref('AlarmTopicArn'), Aws.NO_VALUE).toString() },
  ),
  EventBusArn: arn('EventBusArn', 'transitionsBusArn', {
    group: MESSAGES,
    label: 'Event bus for transitions',
    description:
      'ARN of the event bus that transitions of jobs are published on, in this Region; with NotificationEmail also of ' +
      'this account. Empty: the default bus',
  }),
  ActiveSweepMinutes: period(
    'ActiveSweepMinutes',
    'activeSweepEvery',
    durations(ACTIVE_MINUTES, (amount) => Duration.minutes(amount)),
    'Minutes between active sweeps',
    choice(
      'How often active jobs are compared with Bedrock. A record is at most this late when an event was lost',
      DEFAULTS.activeSweepEvery.toMinutes(),
      ACTIVE_MINUTES,
    ),
  ),
  FullSweepHours: period(
    'FullSweepHours',
    'fullSweepEvery',
    durations(FULL_HOURS, (amount) => Duration.hours(amount)),
    'Hours between full sweeps',
    choice('How often all jobs are compared with Bedrock', DEFAULTS.fullSweepEvery.toHours(), FULL_HOURS),
  ),
  Models: {
    group: MODELS,
    label: 'Track custom models',
    definition: {
      Type: 'String',
      Description:
        'Whether custom models and what serves them are tracked in a table of their own, and their use measured once a day',
      Default: 'true',
      AllowedValues: ['true', 'without-usage', 'false'],
      ConstraintDescription: 'must be true, without-usage or false',
    },
    options: {
      HasNoModels: { when: { 'Fn::Equals': [{ Ref: 'Models' }, 'false'] }, props: { models: false } },
      HasNoModelUsage: { when: { 'Fn::Equals': [{ Ref: 'Models' }, 'without-usage'] }, props: { modelUsage: false } },
    },
  },
  IdleAfterDays: {
    group: MODELS,
    label: 'Days without use until a model is idle',
    definition: choice(
      'After how many days without use a deployment or a provisioned throughput is idle',
      DEFAULTS.idleAfter.toDays(),
      [1, 3, 7, 14, 30, 60, 90, 180],
    ),
    props: { idleAfter: Duration.days(number('IdleAfterDays') as number) },
  },
  EncryptionKeyArn: arn('EncryptionKeyArn', 'encryptionKeyArn', {
    group: OPERATION,
    label: 'KMS key',
    description:
      'ARN of a key of this account and Region for tables, queues, logs and the notification topic. Its policy must let ' +
      'CloudWatch Logs, EventBridge and SNS use it. Empty: AWS managed keys',
  }),
  LogLevel: {
    group: OPERATION,
    label: 'Log level',
    definition: {
      Type: 'String',
      Description: 'The lowest level that the functions log',
      Default: DEFAULTS.logLevel,
      AllowedValues: LOG_LEVELS,
      ConstraintDescription: `must be one of ${LOG_LEVELS.join(', ')}`,
    },
    props: { logLevel: Fn.ref('LogLevel') },
  },
  LogRetentionDays: {
    group: OPERATION,
    label: 'Days that logs are kept',
    definition: choice("How long CloudWatch keeps the functions' logs", DEFAULTS.logRetention, RETENTION_DAYS),
    props: { logRetention: number('LogRetentionDays') as RetentionDays },
  },
  MaxConcurrency: {
    group: OPERATION,
    label: 'Concurrency of track-job',
    definition: {
      // Not a Number, which may be 2.5.
      Type: 'String',
      Description:
        'Concurrent invocations of the function that turns events into records. Many of them make Bedrock throttle',
      Default: String(DEFAULTS.maxConcurrency),
      AllowedPattern: '^([2-9]|[1-9][0-9]{1,2}|1000)$',
      ConstraintDescription: `must be a whole number from ${CONCURRENCY.join(' to ')}`,
    },
    props: { maxConcurrency: number('MaxConcurrency') as number },
  },
  ParameterPrefix: {
    group: OPERATION,
    label: 'Path of the SSM parameters',
    definition: {
      Type: 'String',
      Description:
        'Readers and the command line find the tracker by it. A second tracker in this account and Region needs another one',
      Default: DEFAULTS.parameterPrefix,
      // AWS reserves /aws and /ssm.
      AllowedPattern: `^(?!/([aA][wW][sS]|[sS][sS][mM]))${PARAMETER_PATH.source.slice(1)}`,
      MaxLength: '900',
      ConstraintDescription:
        'must be a path such as /team/bedrock-job-tracker, without a slash at its end, which AWS does not reserve',
    },
    props: { parameterPrefix: Fn.ref('ParameterPrefix') },
  },
};
