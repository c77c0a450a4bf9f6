import { resolve } from 'node:path';
import { InvalidArgumentError, Option, type Command } from 'commander';
import type { GetJobOptions, JobFilter, JobSummary, TagFilter } from '../client/requests.ts';
import { PARAMETER_PREFIX } from '../contract.ts';
import type { CommandContext, Connection } from './context.ts';
import { hasCode, TrackerError } from '../domain/errors.ts';
import { MODEL_STATUSES } from '../domain/model-record.ts';
import { CUSTOMIZATION_TYPES, JOB_STATUSES } from '../domain/record.ts';
import { parseTagFilter, tagFilterProblem } from '../domain/tag-filter.ts';
import { DAY, firstMomentOf, formatDuration, HOUR, MINUTE, SECOND, TIME_WORDS } from '../domain/time.ts';
import type { EnvironmentValues } from '../local/options.ts';
import { plainName } from '../operator/near-names.ts';
import type { ColumnReaders, Sorting } from './runs/columns.ts';

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
export const accountId = matching(/^\d{12}$/, 'an account id: twelve digits');
/** A status or type, which AWS may add to. */
const WORDS = /^[A-Za-z][A-Za-z _-]{0,63}$/;

/** Collects the values of an option that may be given several times. */
export const collect =
  <T>(read: (text: string) => T) =>
  (text: string, before: readonly T[] = []): readonly T[] => [...before, read(text)];

export const wholeNumber =
  (least: number, most: number) =>
  (text: string): number => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`);
  };

const STATUSES = [...new Set([...JOB_STATUSES, ...MODEL_STATUSES])];

/** Statuses separated by commas: `failed` and `fail` are Failed. Others stay as they are, since AWS may add some. */
export const statuses = (text: string): readonly string[] =>
  text.split(',').map((name) => {
    const status = matching(WORDS, `a status, such as ${STATUSES.join(', ')}`)(name.trim());
    return plainName(status, STATUSES) ?? status;
  });

/** FINE_TUNING, which may be written fine-tuning or finetuning. Others stay as they are, in AWS's form. */
export const customizationType = (text: string): string => {
  const type = matching(
    WORDS,
    `a kind of customization, such as ${CUSTOMIZATION_TYPES.slice(0, 3).join(', ')}`,
  )(text.trim());
  return plainName(type, CUSTOMIZATION_TYPES) ?? type.toUpperCase().replaceAll(/[ -]/g, '_');
};

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

/** A time as a person gives it, resolved when the command runs: ages and words count from then. */
export type TimeFlag = (now: Date) => Date;

/** Reads a time, an age such as `30min`, `12h`, `7d` or `2w`, or the first moment of `2026-11-21`, `2026-11` or `last-month`. */
export const timeOrAge = (text: string): TimeFlag => {
  const age = spanOf(text);
  if (age !== undefined) return (now) => new Date(now.getTime() - age);
  if (firstMomentOf(text, new Date(0)) !== undefined) return (now) => firstMomentOf(text, now) ?? now;
  throw new InvalidArgumentError(
    'It must be a day, a month or a year in UTC (2026-11-21, 2026-11, 2026), a time with its offset ' +
      `(2026-11-21T04:36:24Z), an age (30min, 12h, 7d, 2w), or one of ${TIME_WORDS.join(', ')}.`,
  );
};

type Defined<T> = { readonly [K in keyof T]?: Exclude<T[K], undefined> };

/** The members that have a value: flags that were not given are absent in a request. */
export const definedOf = <T extends object>(values: T): Defined<T> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Defined<T>;

/** Options without a value. */
export type Switches<Name extends string> = { readonly [N in Name]?: true };
/** Options with a text. */
export type Texts<Name extends string> = { readonly [N in Name]?: string };

// Which tracker a command works with.

export interface TrackerFlags extends Switches<'local'> {
  readonly region?: string;
  /** Name of the jobs table, in place of the parameter. */
  readonly table?: string;
  readonly parameterPrefix: string;
  /** The data folder of that run, where it is not the default one. */
  readonly dataDir?: string;
}

/** The Region that a person asked for, by flag or environment; undefined leaves it to the SDK and its profile. */
export const askedRegion = ({ region }: Pick<TrackerFlags, 'region'>, env: EnvironmentValues): string | undefined =>
  // The SDK for JavaScript does not look at AWS_DEFAULT_REGION, the AWS CLI does.
  [region, env['AWS_REGION'], env['AWS_DEFAULT_REGION']].find((each) => each !== undefined && each !== '');

/** The data folder of a local run where none is named. */
export const DEFAULT_FOLDER = '.local';

export const localFlags = (folder: string): readonly string[] =>
  resolve(folder) === resolve(DEFAULT_FOLDER) ? ['--local'] : ['--data-dir', resolve(folder)];

export const deployedFlags = ({
  region,
  table,
  parameterPrefix = PARAMETER_PREFIX,
}: Partial<TrackerFlags>): readonly string[] => [
  ...(region === undefined ? [] : ['--region', region]),
  ...(table === undefined ? [] : ['--table', table]),
  ...(parameterPrefix === PARAMETER_PREFIX ? [] : ['--parameter-prefix', parameterPrefix]),
];

/** Whether a command is about the local run, by its flags or BEDROCK_JOBS_LOCAL: flags of a deployed tracker win. */
export const isLocalRun = (
  flags: Partial<TrackerFlags>,
  { BEDROCK_JOBS_LOCAL: value = '' }: EnvironmentValues,
): boolean =>
  flags.local ?? (!['', '0', 'false', 'no'].includes(value.toLowerCase()) && deployedFlags(flags).length === 0);

const TRACKER = 'Which tracker:';
const prefix = matching(/^(\/[\w.-]+)+$/, `a path such as ${PARAMETER_PREFIX}, without a slash at its end`);
const tableName = matching(/^[\w.-]{3,255}$/, 'the name of a table: 3 to 255 of a-z, A-Z, 0-9, _ . -');

export const withDeployedFlags = (command: Command): Command =>
  command
    .addOption(new Option('--region <name>', 'its Region (default: yours)').argParser(regionName).helpGroup(TRACKER))
    .addOption(
      new Option('--parameter-prefix <path>', 'SSM prefix that it was deployed with')
        .default(PARAMETER_PREFIX)
        .argParser(prefix)
        .helpGroup(TRACKER),
    );

export const withLocalFlags = (command: Command): Command =>
  command
    .addOption(
      new Option('--local', 'use the local tracker (or set BEDROCK_JOBS_LOCAL=1)')
        .conflicts(['region', 'table'])
        .helpGroup(TRACKER),
    )
    .addOption(
      new Option('--data-dir <folder>', 'data directory of the local tracker (default: .local)')
        .conflicts(['region', 'table'])
        .implies({ local: true })
        .helpGroup(TRACKER),
    );

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
export type JobFlags = Texts<'account' | 'jobRegion'>;

/** Adds what tells jobs of one name apart. */
export const withPlaceFlags = (command: Command): Command =>
  command
    .option('--account <id>', 'if the name is ambiguous, choose the account', accountId)
    .option('--job-region <name>', 'if the name is ambiguous, choose the Region', regionName);

export const withJobArgument = (command: Command): Command =>
  withPlaceFlags(command.argument('<job>', 'its ARN, name, or 12-character id'));

export type Place = Pick<GetJobOptions, 'account' | 'region'>;

export const placeOf = ({ account, jobRegion: region }: JobFlags): Place => definedOf({ account, region });

// Which jobs a command is about.

export interface FilterFlags
  extends JobFlags, Switches<'active' | 'ended'>, Texts<'baseModel' | 'type' | 'nameContains'> {
  readonly status?: readonly (readonly string[])[];
  readonly tag?: readonly TagFilter[];
  readonly createdAfter?: TimeFlag;
  readonly createdBefore?: TimeFlag;
  readonly modifiedAfter?: TimeFlag;
}

/** Adds the filters of `stats`. */
export const withSummaryFlags = (command: Command): Command =>
  command
    .option('--account <id>', 'in this account', accountId)
    .option('--job-region <name>', 'in this Region', regionName)
    .option('--base-model <arn>', 'of this base model: ARN, id, beginning of an id, or name of a custom model')
    .option('--type <type>', 'of this type: FINE_TUNING, DISTILLATION …', customizationType)
    .option('--tag <key[=value]>', 'with this tag; repeat for several tags', collect(tag));

export const withFilterFlags = (command: Command): Command =>
  withSummaryFlags(command.option('--status <status>', 'in this status; repeat for any of several', collect(statuses)))
    .option('--name-contains <text>', 'with this in the name')
    .option('--created-after <when>', 'created since 2026-11-21, 2026-11, yesterday, last-month, 7d …', timeOrAge)
    .option('--created-before <when>', 'created before', timeOrAge);

export const withJobFilterFlags = (command: Command): Command =>
  withFilterFlags(
    command.addOption(new Option('--active', 'active jobs').conflicts('ended')).option('--ended', 'finished jobs'),
  ).option('--modified-after <when>', 'changed since', timeOrAge);

export const ALLOW_SCAN = ['--allow-scan', 'read the whole table if no index can answer'] as const;

/** What lists of jobs and of models have in common. */
export interface ListFlags<Column> extends Switches<'all' | 'allowScan'> {
  readonly columns?: readonly Column[];
  readonly sort?: Sorting<Column>;
  readonly limit: number;
}

export const MOST_LISTED = 1000;

export const withLimitFlags = (command: Command, things: string): Command =>
  command
    .addOption(
      new Option('--limit <count>', `most ${things} to list, 1 to ${MOST_LISTED}`)
        .argParser(wholeNumber(1, MOST_LISTED))
        .default(100),
    )
    .option('--all', `all matching ${things}`);

export const withListFlags = <Column>(
  command: Command,
  things: string,
  { readColumns, readSorting }: ColumnReaders<Column>,
): Command =>
  withLimitFlags(
    command
      .option('--columns <names>', 'columns to show, separated by commas', readColumns)
      .option('--sort <column>', 'sort by this column: better values, newest or largest first', readSorting),
    things,
  ).option(...ALLOW_SCAN);

/** The part of a filter that `stats` has too. */
export const summaryFilterOf = ({ account, jobRegion: region, baseModel, type: customizationType, tag }: FilterFlags) =>
  definedOf({ account, region, baseModel, customizationType, tag });

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

/** Models beside jobs, for what both name: an imported model has no job, and a new job no model. */
const withModels = ({ jobs, models }: Connection): Pick<Connection, 'jobs'> => ({
  jobs: {
    ...jobs,
    async listJobs({ status: _, ...request } = {}) {
      const [page, { models: found }] = await Promise.all([
        jobs.listJobs({ ...request, ...(request.baseModel === undefined && { status: JOB_STATUSES }) }),
        models()
          .then((client) => client.listModels(request))
          .catch((error: unknown) => {
            throw explainScan(error);
          }),
      ]);
      const asJobs = found.map(({ model_name, model_arn, ...model }) => ({
        ...{ ...model, job_arn: model_arn, output_model_name: model_name, output_model_arn: model_arn },
      }));
      return { ...page, jobs: [...page.jobs, ...(asJobs as JobSummary[])] };
    },
  },
});

/** Checks what the flags name against the records that there are, and completes a base model: see `resolveFilter`. */
export const resolveFlags = async <Flags extends FilterFlags>(
  flags: Flags,
  connection: Connection,
  { clock, terminal }: CommandContext,
  of: 'jobs' | 'models' = 'jobs',
): Promise<Flags> => {
  const { resolveFilter } = await import('./resolve-filter.ts');
  // Models have other statuses.
  const { status, ...others } = filterOf(flags, clock());
  const { baseModel } = await (of === 'jobs'
    ? resolveFilter({ ...others, ...definedOf({ status }) }, connection, terminal)
    : resolveFilter(others, withModels(connection), terminal));
  return { ...flags, ...definedOf({ baseModel }) };
};

/** Page after page of a list. Where no index answers, the error names the flags that help. */
export async function* pagesOf<P extends { readonly cursor?: string }>(
  list: (more: { readonly cursor?: string }) => Promise<P>,
  signal: AbortSignal,
): AsyncGenerator<P> {
  for (let more: { readonly cursor?: string } | undefined = {}; more !== undefined;) {
    signal.throwIfAborted();
    const page: P = await list(more).catch((error: unknown) => {
      throw explainScan(error);
    });
    yield page;
    more = page.cursor === undefined ? undefined : { cursor: page.cursor };
  }
}

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
