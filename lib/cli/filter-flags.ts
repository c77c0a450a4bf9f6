import { InvalidArgumentError, Option, type Command } from 'commander';
import type { JobFilter, TagFilter } from '../client/requests.ts';
import { JOB_STATUSES, type JobStatus } from '../domain/record.ts';
import { regionName } from './connection/flags.ts';
import { moment, type Moment } from './time.ts';

/** Which jobs a command is about, as commander hands it over. */
export interface FilterFlags {
  readonly status?: readonly JobStatus[];
  readonly active?: true;
  readonly ended?: true;
  readonly account?: string;
  readonly jobRegion?: string;
  readonly baseModel?: string;
  readonly type?: string;
  readonly tag?: readonly TagFilter[];
  readonly nameContains?: string;
  readonly createdAfter?: Moment;
  readonly createdBefore?: Moment;
  readonly modifiedAfter?: Moment;
}

/** Collects the values of an option that may be given several times. */
export const collected =
  <T>(read: (text: string) => T) =>
  (text: string, before: readonly T[] = []): readonly T[] => [...before, read(text)];

export const wholeNumber =
  (least: number, most: number) =>
  (text: string): number => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`);
  };

export const accountId = (text: string): string => {
  if (/^\d{12}$/.test(text)) return text;
  throw new InvalidArgumentError('It must be an account id: twelve digits.');
};

/** Known statuses in any case; others as they are, since AWS may add some. */
const status = (text: string): JobStatus => {
  if (/^[A-Za-z]{1,64}$/.test(text))
    return JOB_STATUSES.find((known) => known.toLowerCase() === text.toLowerCase()) ?? text;
  throw new InvalidArgumentError(`It must be a status, such as ${JOB_STATUSES.join(', ')}.`);
};

/** FINE_TUNING, which may be written fine-tuning. */
const customizationType = (text: string): string => {
  if (/^[A-Za-z_-]{1,64}$/.test(text)) return text.toUpperCase().replaceAll('-', '_');
  throw new InvalidArgumentError('It must be a kind of customization, such as FINE_TUNING or DISTILLATION.');
};

/** `key`, or `key:value`; the value may contain further colons. */
const tag = (text: string): TagFilter => {
  const colon = text.indexOf(':', 1);
  if (text === '') throw new InvalidArgumentError('It must be a key, or key:value.');
  return colon === -1 ? { key: text } : { key: text.slice(0, colon), value: text.slice(colon + 1) };
};

const OPTIONS = {
  account: new Option('--account <id>', 'of this account').argParser(accountId),
  jobRegion: new Option('--job-region <name>', 'in this Region').argParser(regionName),
  baseModel: new Option('--base-model <arn>', 'of this base model, by ARN or id of the foundation model'),
  type: new Option('--type <type>', 'of this kind: FINE_TUNING, DISTILLATION …').argParser(customizationType),
  tag: new Option('--tag <key[:value]>', 'with this tag (repeatable: with all of them)').argParser(collected(tag)),
};

/** Adds the options that the sums over jobs have too. */
export const withSummaryFlags = (command: Command): Command =>
  Object.values(OPTIONS).reduce((each, option) => each.addOption(option), command);

/** Adds the options that say which jobs a command is about. */
export const withFilterFlags = (command: Command): Command =>
  withSummaryFlags(
    command
      .addOption(
        new Option('--status <status>', 'in this status (repeatable: in one of them)').argParser(collected(status)),
      )
      .addOption(new Option('--active', 'that still move').conflicts('ended'))
      .addOption(new Option('--ended', 'that no longer move')),
  )
    .addOption(new Option('--name-contains <text>', 'with this in their name'))
    .addOption(
      new Option('--created-after <when>', 'created then or later: a day, a time, or an age such as 7d').argParser(
        moment,
      ),
    )
    .addOption(new Option('--created-before <when>', 'created before then').argParser(moment))
    .addOption(new Option('--modified-after <when>', 'changed then or later').argParser(moment));

/** The part of a filter that sums have too. */
export const summaryFilterOf = ({
  account,
  jobRegion: region,
  baseModel,
  type: customizationType,
  tag,
}: FilterFlags): Pick<JobFilter, 'account' | 'region' | 'baseModel' | 'customizationType' | 'tag'> => ({
  ...(account !== undefined && { account }),
  ...(region !== undefined && { region }),
  ...(baseModel !== undefined && { baseModel }),
  ...(customizationType !== undefined && { customizationType }),
  ...(tag !== undefined && { tag }),
});

/** What the client is asked for. */
export const filterOf = (flags: FilterFlags, now: Date): JobFilter => {
  const { status: statuses, nameContains, createdAfter, createdBefore, modifiedAfter } = flags;
  const active = flags.active === true ? true : flags.ended === true ? false : undefined;
  return {
    ...summaryFilterOf(flags),
    ...(statuses !== undefined && { status: statuses }),
    ...(active !== undefined && { active }),
    ...(nameContains !== undefined && { nameContains }),
    ...(createdAfter !== undefined && { createdAfter: createdAfter(now) }),
    ...(createdBefore !== undefined && { createdBefore: createdBefore(now) }),
    ...(modifiedAfter !== undefined && { modifiedAfter: modifiedAfter(now) }),
  };
};
