import {
  CreateModelCustomizationJobCommand,
  StopModelCustomizationJobCommand,
  TagResourceCommand,
  UntagResourceCommand,
  type BedrockClient,
} from '@aws-sdk/client-bedrock';
import { setTimeout as pause } from 'node:timers/promises';
import { createInput } from '../support/integration/jobs.ts';

const STOPPED = 0.1;
const TAGGED = 0.5;
const UNTAGGED = 0.2;
/** Tag changes a second, once all jobs exist. */
const TAGS_A_SECOND = 2;

interface Teams {
  /** ARNs of all jobs that were made. */
  readonly jobs: readonly string[];
  /** Calls that failed in spite of their retries, by the faults. */
  readonly refused: () => number;
}

const choose = (from: readonly string[]): string | undefined => from[Math.floor(Math.random() * from.length)];

/** Makes jobs at an even rate, stops or tags some of them while they run, and goes on changing tags afterwards. */
export const startTeams = (client: BedrockClient, signal: AbortSignal, count: number, overSeconds: number) => {
  const jobs: string[] = [];
  const running = new Set<Promise<void>>();
  let refused = 0;
  const attempt = (call: () => Promise<unknown>): void => {
    const done: Promise<void> = call()
      .then(
        () => undefined,
        () => void (refused += 1),
      )
      .finally(() => running.delete(done));
    running.add(done);
  };
  const tag = (arn: string) =>
    Math.random() < UNTAGGED
      ? client.send(new UntagResourceCommand({ resourceARN: arn, tagKeys: ['reviewed'] }))
      : client.send(
          new TagResourceCommand({ resourceARN: arn, tags: [{ key: 'reviewed', value: String(Date.now()) }] }),
        );
  const create = async (number: number): Promise<void> => {
    const { jobArn } = await client.send(new CreateModelCustomizationJobCommand(createInput(`long-run-${number}`)));
    if (jobArn === undefined) throw new Error('Bedrock made a job without an ARN.');
    jobs.push(jobArn);
    const recent = choose(jobs.slice(-50));
    if (recent === undefined) return;
    if (Math.random() < STOPPED) {
      // It may have ended meanwhile, which Bedrock refuses as a conflict.
      await client.send(new StopModelCustomizationJobCommand({ jobIdentifier: recent })).catch(() => undefined);
    }
    if (Math.random() < TAGGED) await tag(recent);
  };
  const play = async (): Promise<void> => {
    const started = performance.now();
    let made = 0;
    while (!signal.aborted) {
      const due = Math.min(count, Math.floor((count * (performance.now() - started)) / 1000 / overSeconds));
      for (; made < due; made += 1) attempt(() => create(made));
      const arn = choose(jobs);
      if (made === count && arn !== undefined) attempt(() => tag(arn));
      await pause(1000 / TAGS_A_SECOND);
    }
    await Promise.all(running);
  };
  const teams: Teams = { jobs, refused: () => refused };
  return { ...teams, played: play() };
};

const READ_EVERY_MS = 3_000;

interface Visits {
  readonly pagesRead: number;
  readonly pagesRefused: number;
  readonly updatesHeard: number;
}

const listen = async (url: string, signal: AbortSignal, heard: () => void): Promise<void> => {
  while (!signal.aborted) {
    try {
      const { body } = await fetch(url, { signal });
      for await (const _piece of body ?? []) heard();
    } catch {
      // The server disconnects slow readers, and the end of the run aborts. A browser would reconnect, too.
      await pause(1_000);
    }
  }
};

/** Behaves like an open dashboard: follows its updates and reads its lists. */
export const followDashboard = async (webUrl: string, signal: AbortSignal): Promise<Visits> => {
  let [pagesRead, pagesRefused, updatesHeard] = [0, 0, 0];
  const listening = listen(`${webUrl}/api/updates`, signal, () => void (updatesHeard += 1));
  while (!signal.aborted) {
    for (const path of ['/api/jobs', '/api/jobs?active=true', '/api/jobs?status=Failed', '/api/overview']) {
      const answer = await fetch(`${webUrl}${path}`).catch(() => undefined);
      await answer?.arrayBuffer();
      if (answer?.ok === true) pagesRead += 1;
      else pagesRefused += 1;
    }
    await pause(READ_EVERY_MS);
  }
  await listening;
  return { pagesRead, pagesRefused, updatesHeard };
};
