import {
  ListModelCustomizationJobsCommand,
  type BedrockClient,
  type ListModelCustomizationJobsCommandInput,
} from '@aws-sdk/client-bedrock';
import { collectBody } from '@smithy/core/protocols';
import { parseRfc3339DateTimeWithOffset } from '@smithy/core/serde';
import { oneLine } from '../domain/text.ts';
import { pMapIterable } from 'p-map';

export interface ListPage {
  /** A list, unless Bedrock's answer is invalid. */
  readonly summaries: unknown;
  /** By ARN, what could not be read of a job, such as `creationTime (5)`. */
  readonly unreadable: ReadonlyMap<unknown, string>;
}

/** Whether the SDK's deserializer failed: its error is not an exception of the service, and carries the answer. */
export const isUnreadable = (error: unknown): error is Error =>
  error instanceof Error && '$response' in error && !('$fault' in error);

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
    if (!name.endsWith('Time') || isReadableTime(value)) return value;
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
const readableBody = (body: string, unreadable: Map<unknown, string>): string => {
  const page = parseJson(body) as { modelCustomizationJobSummaries?: unknown } | null | undefined;
  const summaries = page?.modelCustomizationJobSummaries;
  if (!Array.isArray(summaries)) return body;
  const readable = summaries.map((summary: unknown) => {
    const wrong: string[] = [];
    const parts = readableParts(summary, wrong);
    if (wrong.length > 0) unreadable.set((Object(summary) as Record<string, unknown>)['jobArn'], wrong.join(', '));
    return parts;
  });
  return JSON.stringify({ ...page, modelCustomizationJobSummaries: readable });
};

/** Requests a page again, and lets the SDK see only what it can read. */
const sendForReadable = async (client: BedrockClient, input: ListModelCustomizationJobsCommandInput) => {
  const unreadable = new Map<unknown, string>();
  const command = new ListModelCustomizationJobsCommand(input);
  command.middlewareStack.add(
    (next) => async (request) => {
      const result = await next(request);
      const response = result.response as { body?: unknown };
      const body = await collectBody(response.body, client.config);
      const text = readableBody(new TextDecoder().decode(body), unreadable);
      response.body = new TextEncoder().encode(text);
      return result;
    },
    // Inside of the deserializer.
    { name: 'leaveOutUnreadableTimes', step: 'deserialize', priority: 'low' },
  );
  return { answer: await client.send(command), unreadable };
};

const sendFor = async (client: BedrockClient, input: ListModelCustomizationJobsCommandInput) => {
  try {
    return { answer: await client.send(new ListModelCustomizationJobsCommand(input)), unreadable: new Map() };
  } catch (error) {
    if (!isUnreadable(error)) throw error;
    return sendForReadable(client, input);
  }
};

/** All pages of a list. A page with unreadable times costs a second call. */
export async function* listPages(
  client: BedrockClient,
  input: ListModelCustomizationJobsCommandInput,
): AsyncGenerator<ListPage, void, undefined> {
  let nextToken: string | undefined;
  do {
    const { answer, unreadable } = await sendFor(client, { ...input, nextToken });
    yield { summaries: answer.modelCustomizationJobSummaries ?? [], unreadable };
    ({ nextToken } = answer);
  } while (nextToken);
}

/** Requests each page while the previous one is processed. A reader that stops early has requested one page too many. */
export const readAhead = <Page>(pages: AsyncIterable<Page>): AsyncIterable<Page> =>
  pMapIterable(pages, (page) => page, { concurrency: 1 });
