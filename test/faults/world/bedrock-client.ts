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
import { withDates } from '../../support/fixtures.ts';
import type { Timeouts } from '../../../lib/runtime/timeouts.ts';
import type { Faults } from '../faults.ts';
import { HOUR, MINUTE } from '../../../lib/domain/time.ts';
import { ApiError, type RawCall } from '../../../lib/simulator/call.ts';
import type { Tag } from '../../../lib/simulator/kind-operations.ts';
import { parseFaults, type OperationName } from '../../../lib/simulator/faults.ts';
import type { JobAnswer } from '../../../lib/simulator/life.ts';
import { OPERATIONS } from '../../../lib/simulator/operations.ts';
import { readableBy, type WorldBedrock } from './bedrock.ts';
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

/** What a call is about: `*` where that is no single job or model. */
interface About {
  readonly arn: string;
  readonly isOfModels?: boolean;
}

/** What an outage makes of a call, when the SDK's own retries are used up. */
const outageOf = (outages: Outages, { scope, patience }: ClientOptions, about: About): Refusal | undefined => {
  const place = formatScope(scope);
  const isOfModels = about.isOfModels === true && outages.deniedModels.has(place);
  if (outages.deniedScopes.has(place) || isOfModels || outages.forbidden.has(about.arn)) {
    return { when: 'before', error: new AccessDeniedException({ message: 'User: … is not authorized', ...METADATA }) };
  }
  const bedrockTakesMs = outages.hungScopes.has(place) ? Infinity : outages.bedrockTakesMs;
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

/** What goes wrong is decided here and not by the simulator. */
const NO_FAULTS = parseFaults({});

/** An error of the simulator as the SDK throws it. */
const thrown = (error: unknown): unknown => {
  if (!(error instanceof ApiError)) return error;
  const { name, message } = error;
  return name === 'ResourceNotFoundException'
    ? new ResourceNotFoundException({ message, ...METADATA })
    : named(name, message);
};

/** Bedrock's side of each call that the tracker makes: the simulator's, with what may go wrong on the way. */
const answers = (
  bedrock: WorldBedrock,
  faults: Faults,
  { scope, pageSize, invocation: { options, troubles } }: ClientOptions,
) => {
  /** What the simulator answers, of the present or of a moment that is over. */
  const call = (name: OperationName, raw: Partial<RawCall>, list = NO_FAULTS.list): object => {
    const now = momentOf(faults, bedrock.now());
    const { input: inputOf, run } = OPERATIONS[name];
    const context = {
      caller: { ...scope, accessKeyId: scope.accountId },
      now,
      store: bedrock.jobsAt(now),
      random: faults.random('simulator'),
      plans: { speed: 1, failureRate: 0 },
      faults: { ...NO_FAULTS, list },
    };
    try {
      return run(inputOf({ identifier: '', query: {}, body: {}, ...raw }), context);
    } catch (error) {
      throw thrown(error);
    }
  };
  const precision = () => (faults.strikes('Bedrock lists times to the second') ? 'seconds' : 'milliseconds');
  /** A page of a list as the SDK hands it over, with what may be wrong with it. */
  const pageOf = (member: string, page: readonly object[], next: string | undefined): object => {
    const summaries = [...page];
    if (faults.strikes('Bedrock lists a job out of place')) summaries.push(...summaries.splice(0, 1));
    const isCut = (page.length > 1 || next !== undefined) && faults.strikes('Bedrock cuts a list short');
    return {
      ...METADATA,
      [member]: summaries.slice(0, isCut ? Math.ceil(page.length / 2) : page.length).map(withDates),
      ...(next === undefined || isCut ? {} : { nextToken: next }),
    };
  };
  return {
    get: (identifier: string): object => {
      const job = call('GetModelCustomizationJob', { identifier }) as JobAnswer;
      if (faults.strikes('Bedrock answers with an empty body')) {
        // Where the job was asked for by name, nobody can say whose record that is.
        troubles.add(job.jobArn);
        return METADATA;
      }
      return withDates({ ...METADATA, ...readableBy(options.version, job) }) as object;
    },
    tags: (resourceARN: string): object => {
      const { tags } = call('ListTagsForResource', { body: { resourceARN } }) as { readonly tags: readonly Tag[] };
      const told = faults.strikes('Bedrock answers with an empty body') ? [] : tags;
      const byKey = Object.fromEntries(told.map(({ key, value }) => [key, value]));
      bedrock.tagsShown.set(resourceARN, new Set(bedrock.tagsShown.get(resourceARN)).add(canonicalJson(byKey)));
      return { ...METADATA, tags: told };
    },
    list: ({ statusEquals, creationTimeBefore, nextToken }: ListModelCustomizationJobsCommand['input']): object => {
      if (faults.strikes('Bedrock answers with an empty body')) return METADATA;
      const query = { statusEquals, creationTimeBefore: creationTimeBefore?.toISOString(), nextToken };
      const asked = Object.entries({ ...query, maxResults: String(pageSize) }).filter(([, value]) => value);
      const { modelCustomizationJobSummaries: page = [], nextToken: next } = call(
        'ListModelCustomizationJobs',
        { query: Object.fromEntries(asked) as Record<string, string> },
        {
          modifiedOffsetMs: faults.strikes('Bedrock lists a later time than it answers') ? 1 : 0,
          timePrecision: precision(),
        },
      ) as { readonly modelCustomizationJobSummaries?: readonly object[]; readonly nextToken?: string };
      return pageOf('modelCustomizationJobSummaries', page, next);
    },
    /** One of the lists of models and of what serves them. */
    listOf: (name: ModelList, { maxResults: _, ...input }: ListInput): object => {
      if (faults.strikes('Bedrock answers with an empty body')) return METADATA;
      const query = Object.entries(input).flatMap(([key, value]): [string, string][] =>
        value === undefined ? [] : [[key, value instanceof Date ? value.toISOString() : value.toString()]],
      );
      const answer = call(
        name,
        { query: { ...Object.fromEntries(query), maxResults: String(pageSize) } },
        { modifiedOffsetMs: 0, timePrecision: precision() },
      ) as { readonly nextToken?: string; readonly [member: string]: unknown };
      const page = (answer[MODEL_LISTS[name]] ?? []) as readonly object[];
      return pageOf(MODEL_LISTS[name], page, answer.nextToken);
    },
    getOf: (name: ModelGet, identifier: string): object => {
      const answer = call(name, { identifier });
      if (faults.strikes('Bedrock answers with an empty body')) {
        troubles.add('*');
        return METADATA;
      }
      return withDates({ ...METADATA, ...answer }) as object;
    },
  };
};

/** By the member with the identifier. */
const MODEL_GETS = {
  GetCustomModel: 'modelIdentifier',
  GetCustomModelDeployment: 'customModelDeploymentIdentifier',
  GetProvisionedModelThroughput: 'provisionedModelId',
} as const;
type ModelGet = keyof typeof MODEL_GETS;
/** By the member with the page. */
const MODEL_LISTS = {
  ListCustomModels: 'modelSummaries',
  ListCustomModelDeployments: 'modelDeploymentSummaries',
  ListProvisionedModelThroughputs: 'provisionedModelSummaries',
} as const;
type ModelList = keyof typeof MODEL_LISTS;
type ListInput = Readonly<Record<string, string | number | boolean | Date | undefined>>;
const isOneOf = <Names extends object>(names: Names, name: string): name is keyof Names & string =>
  Object.hasOwn(names, name);

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
  const jobArnOf = (identifier: string | undefined): string => bedrock.known(identifier ?? '')?.jobArn ?? '*';
  const send = (command: unknown): Promise<object> => {
    const refused = refusalOf(faults);
    const refusalFor = (arn: string, isOfModels = false): Refusal | undefined =>
      refused ?? outageOf(outages, options, { arn, isOfModels });
    if (command instanceof GetModelCustomizationJobCommand) {
      const { jobIdentifier = '' } = command.input;
      const effect = () => side.get(jobIdentifier);
      return invocation.request({
        call: `Get ${jobIdentifier.slice(-12)}`,
        about: jobArnOf(jobIdentifier),
        refusal: refusalFor(jobArnOf(jobIdentifier)),
        effect,
      });
    }
    if (command instanceof ListTagsForResourceCommand) {
      const { resourceARN = '' } = command.input;
      const effect = () => side.tags(resourceARN);
      return invocation.request({
        call: `ListTags ${resourceARN.slice(-12)}`,
        about: resourceARN,
        refusal: refusalFor(resourceARN),
        effect,
      });
    }
    if (command instanceof ListModelCustomizationJobsCommand) {
      const { input } = command;
      if (input.nextToken === undefined && input.statusEquals !== 'Stopping') bedrock.noteAsked(options.scope);
      return invocation.request({
        call: `List ${input.statusEquals ?? 'all'}`,
        refusal: refusalFor('*'),
        effect: () => side.list(input),
      });
    }
    const { input } = command as { readonly input: Readonly<Record<string, unknown>> };
    const name = (command as object).constructor.name.replace(/Command$/, '');
    if (isOneOf(MODEL_GETS, name)) {
      const identifier = String(input[MODEL_GETS[name]]);
      const effect = () => side.getOf(name, identifier);
      return invocation.request({
        call: `${name} ${identifier.slice(-12)}`,
        about: identifier,
        refusal: refusalFor(identifier, true),
        effect,
      });
    }
    if (isOneOf(MODEL_LISTS, name))
      return invocation.request({
        call: name,
        refusal: refusalFor('*', true),
        effect: () => side.listOf(name, input as ListInput),
      });
    throw new Error(`The world knows no such command of Bedrock: ${name}.`);
  };
  return Object.assign(Object.create(BedrockClient.prototype) as BedrockClient, { send });
};
