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
/** How often a job's tags are changed in a second once all jobs are there. */
const TAGS_A_SECOND = 2;

export interface Teams {
  /** ARNs of all jobs that were made. */
  readonly jobs: readonly string[];
  /** Calls that did not get through for all their retries: what the faults made of them. */
  readonly refused: () => number;
}

const chosen = (from: readonly string[]): string | undefined => from[Math.floor(Math.random() * from.length)];

/** Jobs at an even pace, some of them stopped or tagged while they run, and tags that go on changing afterwards. */
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
    if (jobArn === undefined) throw new Error('Bedrock made a job and gave it no ARN.');
    jobs.push(jobArn);
    const recent = chosen(jobs.slice(-50));
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
      const arn = chosen(jobs);
      if (made === count && arn !== undefined) attempt(() => tag(arn));
      await pause(1000 / TAGS_A_SECOND);
    }
    await Promise.all(running);
  };
  const teams: Teams = { jobs, refused: () => refused };
  return { ...teams, played: play() };
};
