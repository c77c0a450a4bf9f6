import {
  ListCustomModelDeploymentsCommand,
  ListCustomModelsCommand,
  ListModelCustomizationJobsCommand,
  ListProvisionedModelThroughputsCommand,
  type BedrockClient,
} from '@aws-sdk/client-bedrock';
import { collectBody } from '@smithy/core/protocols';
import { parseRfc3339DateTimeWithOffset } from '@smithy/core/serde';
import { oneLine } from '../domain/text.ts';
import { pMapIterable } from 'p-map';
import { isUnreadable } from './unreadable.ts';

/** The lists of Bedrock that sweeps read, each with its members for the summaries and for a summary's ARN. */
export const LISTS = {
  ListModelCustomizationJobs: {
    Command: ListModelCustomizationJobsCommand,
    summaries: 'modelCustomizationJobSummaries',
    arn: 'jobArn',
  },
  ListCustomModels: { Command: ListCustomModelsCommand, summaries: 'modelSummaries', arn: 'modelArn' },
  ListCustomModelDeployments: {
    Command: ListCustomModelDeploymentsCommand,
    summaries: 'modelDeploymentSummaries',
    arn: 'customModelDeploymentArn',
  },
  ListProvisionedModelThroughputs: {
    Command: ListProvisionedModelThroughputsCommand,
    summaries: 'provisionedModelSummaries',
    arn: 'provisionedModelArn',
  },
} as const;
export type ListName = keyof typeof LISTS;
export type ListInput<Name extends ListName> = ConstructorParameters<(typeof LISTS)[Name]['Command']>[0];

export interface ListPage {
  /** A list, unless Bedrock's answer is invalid. */
  readonly summaries: unknown;
  /** By ARN, what could not be read of a summary, such as `creationTime (5)`. */
  readonly unreadable: ReadonlyMap<unknown, string>;
}

const isReadableTime = (time: unknown): boolean => {
  try {
    parseRfc3339DateTimeWithOffset(time);
    return true;
  } catch {
    return false;
  }
};

/** Removes unreadable times from a summary and adds them to `wrong`. */
const readableParts = (summary: unknown, wrong: string[]): unknown =>
  JSON.parse(JSON.stringify(summary), (name, value: unknown) => {
    if (!/(?:Time|At)$/.test(name) || isReadableTime(value)) return value;
    wrong.push(`${name} (${oneLine(JSON.stringify(value), 40)})`);
    return undefined;
  });

const parseJson = (body: string): unknown => {
  try {
    return JSON.parse(body);
  } catch {
    return undefined; // The SDK will report it.
  }
};

/** Removes the times that the SDK cannot read from a page: one of them would fail the whole page. */
const readableBody = (name: ListName, body: string, unreadable: Map<unknown, string>): string => {
  const { summaries: member, arn } = LISTS[name];
  const page = parseJson(body) as Readonly<Record<string, unknown>> | null | undefined;
  const summaries = page?.[member];
  if (!Array.isArray(summaries)) return body;
  const readable = summaries.map((summary: unknown) => {
    const wrong: string[] = [];
    const parts = readableParts(summary, wrong);
    if (wrong.length > 0) unreadable.set((Object(summary) as Record<string, unknown>)[arn], wrong.join(', '));
    return parts;
  });
  return JSON.stringify({ ...page, [member]: readable });
};

type AnyList = ListModelCustomizationJobsCommand;
const commandOf = (name: ListName, input: object): AnyList => {
  const Command = LISTS[name].Command as unknown as new (input: object) => AnyList;
  return new Command(input);
};

/** Requests a page again, and lets the SDK see only what it can read. */
const sendForReadable = async (client: BedrockClient, name: ListName, input: object) => {
  const unreadable = new Map<unknown, string>();
  const command = commandOf(name, input);
  command.middlewareStack.add(
    (next) => async (request) => {
      const result = await next(request);
      const response = result.response as { body?: unknown };
      const body = await collectBody(response.body, client.config);
      const text = readableBody(name, new TextDecoder().decode(body), unreadable);
      response.body = new TextEncoder().encode(text);
      return result;
    },
    // Inside of the deserializer.
    { name: 'leaveOutUnreadableTimes', step: 'deserialize', priority: 'low' },
  );
  return { answer: await client.send(command), unreadable };
};

const sendFor = async (client: BedrockClient, name: ListName, input: object) => {
  try {
    return { answer: await client.send(commandOf(name, input)), unreadable: new Map() };
  } catch (error) {
    if (!isUnreadable(error)) throw error;
    return sendForReadable(client, name, input);
  }
};

/** All pages of a list. A page with unreadable times costs a second call. */
export async function* listPages<Name extends ListName>(
  client: BedrockClient,
  name: Name,
  input: ListInput<Name>,
): AsyncGenerator<ListPage, void, undefined> {
  let nextToken: string | undefined;
  do {
    const { answer, unreadable } = await sendFor(client, name, { ...input, nextToken });
    yield {
      summaries: (answer as object as Readonly<Record<string, unknown>>)[LISTS[name].summaries] ?? [],
      unreadable,
    };
    ({ nextToken } = answer);
  } while (nextToken);
}

/** Requests each page while the previous one is processed. A reader that stops early has requested one page too many. */
export const readAhead = <Page>(pages: AsyncIterable<Page>): AsyncIterable<Page> =>
  pMapIterable(pages, (page) => page, { concurrency: 1 });
