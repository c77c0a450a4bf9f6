import { InvalidArgumentError, Option, type Command } from 'commander';
import type { GetJobOptions, JobFilter, TagFilter } from '../client/requests.ts';
import { PARAMETER_PREFIX } from '../contract.ts';
import { hasCode, TrackerError } from '../domain/errors.ts';
import { JOB_STATUSES, type JobStatus } from '../domain/record.ts';
import { parseTagFilter, tagFilterProblem } from '../domain/tag-filter.ts';
import { beginsWithDay, DAY, formatDuration, HOUR, MINUTE, SECOND } from '../domain/time.ts';
import type { EnvironmentValues } from '../local/options.ts';

// How values are read.

/** Accepts what matches a pattern. */
export const matching =
  (pattern: RegExp, form: string) =>
  (text: string): string => {
    if (pattern.test(text)) return text;
    throw new InvalidArgumentError(`It must be ${form}.`);
  };

export const REGION = /^[a-z]{2,3}(-[a-z]+)+-\d$/;
export const regionName = matching(REGION, 'a Region, such as us-east-1');
const accountId = matching(/^\d{12}$/, 'an account id: twelve digits');
const STATUS = /^[A-Za-z]{1,64}$/;

/** Collects the values of an option that may be given several times. */
const collect =
  <T>(read: (text: string) => T) =>
  (text: string, before: readonly T[] = []): readonly T[] => [...before, read(text)];

export const wholeNumber =
  (least: number, most: number) =>
  (text: string): number => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`);
  };

/** Statuses separated by commas: known ones in any case, others as they are, since AWS may add some. */
export const statuses = (text: string): readonly JobStatus[] =>
  text.split(',').map((name) => {
    const status = matching(STATUS, `a status, such as ${JOB_STATUSES.join(', ')}`)(name.trim());
    return JOB_STATUSES.find((known) => known.toLowerCase() === status.toLowerCase()) ?? status;
  });

/** FINE_TUNING, which may be written fine-tuning. */
export const customizationType = (text: string): string =>
  matching(
    /^[A-Za-z_-]{1,64}$/,
    'a kind of customization, such as FINE_TUNING or DISTILLATION',
  )(text)
    .toUpperCase()
    .replaceAll('-', '_');

/** `key`, `key:value` or `key=value`. */
const tag = (text: string): TagFilter => {
  const read = parseTagFilter(text);
  if (read === undefined) throw new InvalidArgumentError('It must be a key, key:value or key=value.');
  const problem = tagFilterProblem(read);
  if (problem !== undefined) throw new InvalidArgumentError(problem);
  return read;
};

const UNITS = { s: SECOND, min: MINUTE, h: HOUR, d: DAY, w: 7 * DAY } as const;
const SPAN = /^(?<amount>\d{1,6}(?:\.\d{1,3})?)(?<unit>s|min|h|d|w)$/;

/** `30min`, `12h`, `7d` or `2w` in milliseconds; undefined for any other text. */
const spanOf = (text: string): number | undefined => {
  const { amount, unit } = SPAN.exec(text)?.groups ?? {};
  return unit === undefined ? undefined : Number(amount) * UNITS[unit as keyof typeof UNITS];
};

/** Reads a span of time within limits, in milliseconds. */
export const span =
  (least: number, most: number) =>
  (text: string): number => {
    const ms = spanOf(text);
    if (ms !== undefined && ms >= least && ms <= most) return ms;
    throw new InvalidArgumentError(
      `It must be a span of time, such as 10s, 30min, 2h or 1d, from ${formatDuration(least)} to ${formatDuration(most)}.`,
    );
  };

/** A day, or a time with its offset: without one, the same text would mean another time on another machine. */
const TIME = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d))?$/;

/** A time as a person gives it, resolved when the command runs: ages count from then. */
export type TimeFlag = (now: Date) => Date;

/** Reads `2026-11-21`, `2026-11-21T04:36:24Z`, or an age such as `30min`, `12h`, `7d` or `2w`. */
export const timeOrAge = (text: string): TimeFlag => {
  const age = spanOf(text);
  if (age !== undefined) return (now) => new Date(now.getTime() - age);
  const time = new Date(text);
  if (TIME.test(text) && beginsWithDay(text) && !Number.isNaN(time.getTime())) return () => time;
  throw new InvalidArgumentError(
    'It must be a UTC day (2026-11-21), a time with its offset (2026-11-21T04:36:24Z), or an age (30min, 12h, 7d, 2w).',
  );
};

type Defined<T> = { readonly [K in keyof T]?: Exclude<T[K], undefined> };

/** The members that have a value: flags that were not given are absent in a request. */
export const definedOf = <T extends object>(values: T): Defined<T> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Defined<T>;

// Which tracker a command works with.

export interface TrackerFlags {
  /** Region of the tracker. */
  readonly region?: string;
  /** Name of the jobs table, in place of the parameter. */
  readonly table?: string;
  readonly parameterPrefix: string;
  /** The local run in place of a deployed tracker. */
  readonly local?: true;
  /** The data folder of that run, where it is not the default one. */
  readonly dataDir?: string;
}

/** The Region that a person asked for, by flag or environment; undefined leaves it to the SDK and its profile. */
export const askedRegion = ({ region }: Pick<TrackerFlags, 'region'>, env: EnvironmentValues): string | undefined =>
  // The SDK for JavaScript does not look at AWS_DEFAULT_REGION, the AWS CLI does.
  [region, env['AWS_REGION'], env['AWS_DEFAULT_REGION']].find((each) => each !== undefined && each !== '');

/** Where help lists these options. */
const TRACKER = 'Which tracker:';
const prefix = matching(/^(\/[\w.-]+)+$/, `a path such as ${PARAMETER_PREFIX}, without a slash at its end`);
const tableName = matching(/^[\w.-]{3,255}$/, 'the name of a table: 3 to 255 of a-z, A-Z, 0-9, _ . -');

/** Adds the options that find a deployed tracker. */
export const withDeployedFlags = (command: Command): Command =>
  command
    .addOption(new Option('--region <name>', 'its Region (default: yours)').argParser(regionName).helpGroup(TRACKER))
    .addOption(
      new Option('--parameter-prefix <path>', 'SSM prefix that it was deployed with')
        .default(PARAMETER_PREFIX)
        .argParser(prefix)
        .helpGroup(TRACKER),
    );

/** Adds the options that choose the local tracker. */
export const withLocalFlags = (command: Command): Command =>
  command
    .addOption(new Option('--local', 'use the local tracker').conflicts(['region', 'table']).helpGroup(TRACKER))
    .addOption(
      new Option('--data-dir <folder>', 'data directory of the local tracker (default: .local)')
        .conflicts(['region', 'table'])
        .implies({ local: true })
        .helpGroup(TRACKER),
    );

/** Adds the options that find a tracker, deployed or local. */
export const withTrackerFlags = (command: Command): Command =>
  withLocalFlags(
    withDeployedFlags(command).addOption(
      new Option('--table <name>', 'its jobs table (default: JOBS_TABLE_NAME, or from SSM)')
        .argParser(tableName)
        .helpGroup(TRACKER),
    ),
  );

// Which job a command works with.

/** Which of several jobs of one name is meant. */
export interface JobFlags {
  readonly account?: string;
  readonly jobRegion?: string;
}

/** Adds what tells jobs of one name apart. */
export const withPlaceFlags = (command: Command): Command =>
  command
    .option('--account <id>', 'if the name is ambiguous, choose the account', accountId)
    .option('--job-region <name>', 'if the name is ambiguous, choose the Region', regionName);

/** Adds the argument that names a job, and what tells jobs of one name apart. */
export const withJobArgument = (command: Command): Command =>
  withPlaceFlags(command.argument('<job>', 'its ARN, name, or 12-character id'));

export const placeOf = ({ account, jobRegion: region }: JobFlags): Pick<GetJobOptions, 'account' | 'region'> =>
  definedOf({ account, region });

// Which jobs a command is about.

export interface FilterFlags extends JobFlags {
  readonly status?: readonly (readonly JobStatus[])[];
  readonly active?: true;
  readonly ended?: true;
  readonly baseModel?: string;
  readonly type?: string;
  readonly tag?: readonly TagFilter[];
  readonly nameContains?: string;
  readonly createdAfter?: TimeFlag;
  readonly createdBefore?: TimeFlag;
  readonly modifiedAfter?: TimeFlag;
}

/** Adds the filters of `stats`. */
export const withSummaryFlags = (command: Command): Command =>
  command
    .option('--account <id>', 'in this account', accountId)
    .option('--job-region <name>', 'in this Region', regionName)
    .option('--base-model <arn>', 'of this base model: an ARN, or the id of a foundation model')
    .option('--type <type>', 'of this type: FINE_TUNING, DISTILLATION …', customizationType)
    .option('--tag <key[:value]>', 'with this tag, also key=value; repeat for several tags', collect(tag));

/** Adds all filters. */
export const withFilterFlags = (command: Command): Command =>
  withSummaryFlags(
    command
      .option('--status <status>', 'in this status; repeat for any of several', collect(statuses))
      .addOption(new Option('--active', 'active jobs').conflicts('ended'))
      .option('--ended', 'finished jobs'),
  )
    .option('--name-contains <text>', 'with this in the name')
    .option('--created-after <when>', 'created since a day, a time, or an age such as 7d', timeOrAge)
    .option('--created-before <when>', 'created before', timeOrAge)
    .option('--modified-after <when>', 'changed since', timeOrAge);

/** The part of a filter that `stats` has too. */
export const summaryFilterOf = ({ account, jobRegion: region, baseModel, type: customizationType, tag }: FilterFlags) =>
  definedOf({ account, region, baseModel, customizationType, tag });

/** The filter of a request. */
export const filterOf = (flags: FilterFlags, now: Date): JobFilter => {
  const { nameContains, createdAfter, createdBefore, modifiedAfter } = flags;
  return {
    ...summaryFilterOf(flags),
    ...definedOf({
      status: flags.status?.flat(),
      active: flags.active ?? (flags.ended === true ? false : undefined),
      nameContains,
      createdAfter: createdAfter?.(now),
      createdBefore: createdBefore?.(now),
      modifiedAfter: modifiedAfter?.(now),
    }),
  };
};

/** Names the flags that help where no index answers a list. Any other error comes back as it is. */
export const explainScan = (error: unknown): unknown => {
  if (!hasCode(error, 'SCAN_NEEDED')) return error;
  const why = /^[^.]*\./.exec(error.message)?.[0] ?? '';
  return new TrackerError(
    'SCAN_NEEDED',
    `${why} Add --account and --job-region, --status, or --base-model; set TRACKED_SCOPES to the accounts and Regions; ` +
      'or add --allow-scan to read the whole table, which costs more the larger it is.',
    { cause: error },
  );
};
