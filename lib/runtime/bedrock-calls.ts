import {
  AccessDeniedException,
  BedrockClient,
  ListTagsForResourceCommand,
  ResourceNotFoundException,
  ValidationException,
  type Tag,
} from '@aws-sdk/client-bedrock';
import { TrackerError } from '../domain/errors.ts';
import { formatScope, type Scope } from '../domain/identity.ts';
import type { BedrockAnswer } from '../domain/normalize.ts';
import { asSentence, oneLine } from '../domain/text.ts';
import { type ListInput, type ListName, listPages, LISTS, readAhead } from './list-pages.ts';
import { isUnreadable } from './unreadable.ts';
import { limitRate } from './rate-limiter.ts';
import { spokeCredentials, type SpokeAccess } from './spoke-credentials.ts';
import { clientSettingsOf, type Timeouts } from './timeouts.ts';

/** The maximum of Bedrock's lists. */
export const PAGE_SIZE = 1000;

/**
 * A client of one scope, which keeps to the rate that Bedrock allows (AWS publishes no limits for these calls) and does
 * not hang. Keep it: it holds the session of the scope's role.
 */
export const createBedrockClient = (scope: Scope, timeouts: Timeouts, spokes?: SpokeAccess): BedrockClient => {
  const credentials = spokeCredentials(spokes, scope, timeouts);
  const client = new BedrockClient({
    region: scope.region,
    ...clientSettingsOf(timeouts),
    ...(credentials === undefined ? {} : { credentials }),
  });
  return limitRate(client);
};

/** So many clients are kept: a function that sweeps thousands of scopes does not grow. */
const MAX_CLIENTS = 100;

/** One client for each scope, made on demand. The one that was not used for longest is forgotten first. */
export const clientsOfScopes = (createClient: (scope: Scope) => BedrockClient): ((scope: Scope) => BedrockClient) => {
  const clients = new Map<string, BedrockClient>();
  return (scope) => {
    const key = formatScope(scope);
    const client = clients.get(key) ?? createClient(scope);
    // The last of the map is the one that was used last.
    clients.delete(key);
    clients.set(key, client);
    const [oldest] = clients.keys();
    if (clients.size > MAX_CLIENTS && oldest !== undefined) clients.delete(oldest);
    return client;
  };
};

/** What the errors of calls about one kind of resource are named. */
export interface ErrorNames {
  readonly notFound: 'JOB_NOT_FOUND' | 'MODEL_NOT_FOUND';
  readonly invalid: 'INVALID_JOB' | 'INVALID_MODEL';
  /** What a call asks for, in words. */
  readonly nouns: Readonly<Record<string, string>>;
}

const placeOf = ({ accountId, region }: Scope): string => `account ${accountId}, Region ${region}`;

const isTextOrAbsent = (value: unknown): boolean => value === undefined || value === null || typeof value === 'string';

/** Tags by key, or undefined if they are not a list of keys and values: the SDK does not check. */
const tagsOf = (tags: unknown = []): Readonly<Record<string, string>> | undefined => {
  if (!Array.isArray(tags)) return undefined;
  const pairs = tags.map((tag): Partial<Tag> => Object(tag) as Partial<Tag>);
  if (!pairs.every(({ key, value }) => isTextOrAbsent(key) && isTextOrAbsent(value))) return undefined;
  return Object.fromEntries(pairs.map(({ key, value }) => [key ?? '', value ?? '']));
};

/** A summary of a list, and which of its times could not be read. */
export interface Summary {
  readonly summary: Readonly<Record<string, unknown>>;
  readonly wrongTimes: string | undefined;
}

/** The calls of one scope, with errors that a person can act on. */
export const callsOf = (client: BedrockClient, scope: Scope, names: ErrorNames) => {
  const unreadable = (call: string, subject: string, why: string, cause?: unknown) =>
    new TrackerError(
      names.invalid,
      `Could not read Bedrock's answer to ${call} for ${subject} in ${placeOf(scope)}: ${asSentence(why)}`,
      { cause },
    );

  /** Turns known errors into ones that a person can act on; others stay as they are. */
  const translate = (error: unknown, call: string, subject: string): unknown => {
    const place = placeOf(scope);
    if (error instanceof ResourceNotFoundException && call === 'ListTagsForResource') {
      return new TrackerError('TAGS_NOT_FOUND', `Bedrock has no tags of ${subject} in ${place}.`, { cause: error });
    }
    if (error instanceof ResourceNotFoundException) {
      const what = names.nouns[call] ?? 'resource';
      return new TrackerError(names.notFound, `Bedrock has no ${what} ${subject} in ${place}.`, { cause: error });
    }
    if (error instanceof AccessDeniedException) {
      return new TrackerError(
        'ACCESS_DENIED',
        `Not allowed to call bedrock:${call} for ${subject} in ${place}: ${asSentence(error.message)} ` +
          'Allow the call in the role that reads this scope, and check for a service control policy that denies it.',
        { cause: error },
      );
    }
    if (error instanceof ValidationException) {
      return new TrackerError(names.invalid, `Bedrock refused ${call} for ${subject} in ${place}: ${error.message}`, {
        cause: error,
      });
    }
    if (isUnreadable(error)) {
      // The second line is about a field of the SDK's error.
      const [why = ''] = String(error).split('\n');
      return unreadable(call, subject, oneLine(why, 200), error);
    }
    return error;
  };

  const call = async <T>(name: string, subject: string, send: () => Promise<T>): Promise<T> => {
    try {
      return await send();
    } catch (error) {
      throw translate(error, name, `"${subject}"`);
    }
  };

  return {
    unreadable,
    /** A Get. A lost body is not an answer: a look that saw nothing must not count as one. */
    get: (name: string, subject: string, send: () => Promise<object>): Promise<BedrockAnswer> =>
      call(name, subject, async () => {
        const answer = Object.fromEntries(Object.entries(await send()).filter(([member]) => member !== '$metadata'));
        if (Object.values(answer).some((value) => value !== undefined)) return answer;
        throw unreadable(name, `"${subject}"`, 'it is empty');
      }),
    listTags: (arn: string): Promise<Readonly<Record<string, string>>> =>
      call('ListTagsForResource', arn, async () => {
        const { tags } = await client.send(new ListTagsForResourceCommand({ resourceARN: arn }));
        const byKey = tagsOf(tags);
        if (byKey !== undefined) return byKey;
        throw unreadable('ListTagsForResource', `"${arn}"`, 'its tags are not a list of keys and values');
      }),
    /** All summaries of a list, page by page. `what` names them in errors. */
    list: async function* <Name extends ListName>(
      name: Name,
      input: ListInput<Name>,
      what: string,
    ): AsyncGenerator<Summary, void, undefined> {
      try {
        for await (const { summaries, unreadable: wrongTimes } of readAhead(listPages(client, name, input))) {
          if (!Array.isArray(summaries)) throw unreadable(name, `all ${what}`, `its ${what} are not a list`);
          for (const one of summaries) {
            const summary = Object(one) as Readonly<Record<string, unknown>>;
            yield { summary, wrongTimes: wrongTimes.get(summary[LISTS[name].arn]) };
          }
        }
      } catch (error) {
        throw translate(error, name, `all ${what}`);
      }
    },
  };
};
