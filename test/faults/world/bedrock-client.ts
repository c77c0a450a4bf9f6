import {
  AccessDeniedException,
  BedrockClient,
  GetModelCustomizationJobCommand,
  InternalServerException,
  ListModelCustomizationJobsCommand,
  ListTagsForResourceCommand,
  ResourceNotFoundException,
  ThrottlingException,
} from '@aws-sdk/client-bedrock';
import { canonicalJson } from '../../../lib/domain/text.ts';
import { formatScope, type Scope } from '../../../lib/domain/identity.ts';
import type { JobAnswer } from '../../../lib/simulator/life.ts';
import { withDates } from '../../support/fixtures.ts';
import type { Timeouts } from '../../../lib/runtime/timeouts.ts';
import type { Faults } from '../faults.ts';
import { HOUR, MINUTE } from '../../../lib/domain/time.ts';
import type { WorldBedrock, WorldJob } from './bedrock.ts';
import type { Invocation, Machine, Refusal } from './invocation.ts';
import type { Outages } from './outages.ts';

const METADATA = { $metadata: {} };
const named = (name: string, message: string): Error => Object.assign(new Error(message), { name });

const refusalOf = (faults: Faults): Refusal | undefined => {
  if (faults.strikes('Bedrock throttles a call')) {
    return {
      when: 'before',
      error: new ThrottlingException({ message: 'Too many requests', ...METADATA }),
      takes: 9_000,
    };
  }
  if (faults.strikes('Bedrock fails with 5xx')) {
    return { when: 'before', error: new InternalServerException({ message: 'Try again', ...METADATA }) };
  }
  if (faults.strikes('Bedrock never answers')) return { when: 'never' };
  if (faults.strikes('Bedrock answers too late')) {
    return { when: 'before', error: named('TimeoutError', 'the request timed out'), takes: 40_000 };
  }
  if (faults.strikes('Bedrock answers what is no JSON')) {
    return { when: 'after', error: named('SyntaxError', 'Unexpected end of JSON input') };
  }
  return undefined;
};

/** What an outage makes of a call, when the SDK's own retries are used up. */
const outageOf = (outages: Outages, { scope, patience }: ClientOptions, about: string): Refusal | undefined => {
  if (outages.deniedScopes.has(formatScope(scope)) || outages.forbiddenJobs.has(about)) {
    return { when: 'before', error: new AccessDeniedException({ message: 'User: … is not authorized', ...METADATA }) };
  }
  const { bedrockTakesMs } = outages;
  if (bedrockTakesMs === 0) return undefined;
  if (bedrockTakesMs < patience.requestTimeout) return { when: 'late', takes: bedrockTakesMs };
  const takes = patience.maxAttempts * patience.requestTimeout;
  return { when: 'before', error: named('TimeoutError', 'the request timed out'), takes };
};

/** The moment of which an answer tells: the present, or one that is over, before the job was even created. */
const momentOf = (faults: Faults, now: number): number => {
  if (!faults.strikes('Bedrock answers with an old state')) return now;
  const random = faults.random('how old');
  return now - Math.floor(random.between(1, random.pick([MINUTE, 2 * HOUR, 80 * HOUR])));
};

/** A page token: the place of the last job that was listed. */
const tokenOf = ({ life, jobArn }: WorldJob): string => `${life.createdAt} ${jobArn}`;
const isAfter = ({ life, jobArn }: WorldJob, token: string | undefined): boolean => {
  if (token === undefined) return true;
  const [created = '', arn = ''] = token.split(' ');
  return life.createdAt < Number(created) || (life.createdAt === Number(created) && jobArn > arn);
};

const summaryOf = (answer: JobAnswer): object => {
  const { jobArn, jobName, status, statusDetails, creationTime, lastModifiedTime, endTime, baseModelArn } = answer;
  return { jobArn, jobName, status, statusDetails, creationTime, lastModifiedTime, endTime, baseModelArn };
};

/** A summary whose times tell no milliseconds. */
const toTheSecond = (summary: unknown): unknown =>
  JSON.parse(JSON.stringify(summary).replaceAll(/(?<=T\d\d:\d\d:\d\d)\.\d{3}(?=Z")/g, '.000'));

/** A summary that tells a millisecond more than the job's own answer. */
const later = (summary: object): object => {
  const { lastModifiedTime } = summary as { readonly lastModifiedTime?: string };
  const told = new Date(Date.parse(lastModifiedTime ?? '') + 1);
  return Number.isNaN(told.getTime()) ? summary : { ...summary, lastModifiedTime: told.toISOString() };
};

const notFound = (what: string) => new ResourceNotFoundException({ message: `${what} was not found`, ...METADATA });

/** Bedrock's side of each call that the tracker makes. */
const answers = (
  bedrock: WorldBedrock,
  faults: Faults,
  { scope, pageSize, invocation: { options, troubles } }: ClientOptions,
) => ({
  get: (jobIdentifier: string): object => {
    const at = momentOf(faults, bedrock.now());
    const job = bedrock.find(jobIdentifier, at);
    if (job === undefined) throw notFound(jobIdentifier);
    if (faults.strikes('Bedrock answers with an empty body')) {
      // Where the job was asked for by name, nobody can say whose record that is.
      troubles.add(job.jobArn);
      return METADATA;
    }
    return withDates({ ...METADATA, ...bedrock.answer(job, at, options.version) }) as object;
  },
  tags: (jobArn: string): object => {
    const at = momentOf(faults, bedrock.now());
    const job = bedrock.find(jobArn, at);
    if (job === undefined) throw notFound(jobArn);
    const tags = faults.strikes('Bedrock answers with an empty body') ? {} : bedrock.tagsOf(job, at);
    bedrock.tagsShown.set(jobArn, new Set(bedrock.tagsShown.get(jobArn)).add(canonicalJson(tags)));
    return { ...METADATA, tags: Object.entries(tags).map(([key, value]) => ({ key, value })) };
  },
  list: (input: ListModelCustomizationJobsCommand['input']): object => {
    const at = momentOf(faults, bedrock.now());
    if (faults.strikes('Bedrock answers with an empty body')) return METADATA;
    const jobs = bedrock
      .listOf(scope, at)
      .filter((job) => isAfter(job, input.nextToken))
      .filter(({ life }) => life.createdAt < (input.creationTimeBefore?.getTime() ?? Infinity))
      .filter((job) => input.statusEquals === undefined || bedrock.statusOf(job, at) === input.statusEquals);
    const page = jobs.slice(0, pageSize);
    const last = page.at(-1);
    const summaries = page.map((job) => summaryOf(bedrock.answer(job, at)));
    if (faults.strikes('Bedrock lists a job out of place')) summaries.push(...summaries.splice(0, 1));
    const isLater = faults.strikes('Bedrock lists a later time than it answers');
    const told = isLater ? summaries.map(later) : summaries;
    const listed = faults.strikes('Bedrock lists times to the second') ? told.map(toTheSecond) : told;
    const isCut = jobs.length > 1 && faults.strikes('Bedrock cuts a list short');
    return {
      ...METADATA,
      modelCustomizationJobSummaries: listed
        .slice(0, isCut ? Math.ceil(page.length / 2) : pageSize)
        .map((summary) => withDates(summary)),
      ...(jobs.length > pageSize && last !== undefined && !isCut ? { nextToken: tokenOf(last) } : {}),
    };
  },
});

interface ClientOptions {
  readonly scope: Scope;
  readonly invocation: Invocation;
  readonly patience: Timeouts;
  readonly pageSize: number;
}

/**
 * The SDK's client of one scope, as one invocation holds it: what it sends is answered by the world's Bedrock, and fails
 * as a call does when the SDK's own retries are used up.
 */
export const bedrockClient = (
  bedrock: WorldBedrock,
  { faults, outages }: Pick<Machine, 'faults' | 'outages'>,
  options: ClientOptions,
): BedrockClient => {
  const { invocation } = options;
  const side = answers(bedrock, faults, options);
  const arnOf = (identifier: string | undefined): string => bedrock.known(identifier ?? '')?.jobArn ?? '*';
  const send = (command: unknown): Promise<object> => {
    const refused = refusalOf(faults);
    const refusalFor = (about: string): Refusal | undefined => refused ?? outageOf(outages, options, about);
    if (command instanceof GetModelCustomizationJobCommand) {
      const { jobIdentifier = '' } = command.input;
      const effect = () => side.get(jobIdentifier);
      return invocation.request({
        call: `Get ${jobIdentifier.slice(-12)}`,
        about: arnOf(jobIdentifier),
        refusal: refusalFor(arnOf(jobIdentifier)),
        effect,
      });
    }
    if (command instanceof ListTagsForResourceCommand) {
      const { resourceARN = '' } = command.input;
      const effect = () => side.tags(resourceARN);
      return invocation.request({
        call: `ListTags ${resourceARN.slice(-12)}`,
        about: arnOf(resourceARN),
        refusal: refusalFor(resourceARN),
        effect,
      });
    }
    if (command instanceof ListModelCustomizationJobsCommand) {
      const { input } = command;
      return invocation.request({
        call: `List ${input.statusEquals ?? 'all'}`,
        refusal: refusalFor('*'),
        effect: () => side.list(input),
      });
    }
    throw new Error('The world knows no such command of Bedrock.');
  };
  return Object.assign(Object.create(BedrockClient.prototype) as BedrockClient, { send });
};
