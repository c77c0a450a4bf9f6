import { setTimeout as pause } from 'node:timers/promises';
import { BedrockClient, CreateModelCustomizationJobCommand } from '@aws-sdk/client-bedrock';
import pMap from 'p-map';
import { createInput } from '../../../test/support/integration/jobs.ts';
import type { RunningLocally } from './local-run.ts';
import type { Records } from './records.ts';

const ACCOUNT = '123456789012';

/** Makes so many jobs, and answers their ARNs when the tracker knows that they run. */
export const runningJobs = async (run: RunningLocally, records: Records, count: number): Promise<readonly string[]> => {
  const client = new BedrockClient({
    endpoint: run.addresses.bedrockUrl,
    region: run.addresses.region,
    credentials: { accessKeyId: ACCOUNT, secretAccessKey: 'bench' },
  });
  const arns = await pMap(
    Array.from({ length: count }, (_, n) => n),
    async (n) => {
      const input = createInput(`latency-${Date.now()}-${n}`);
      const { jobArn = '' } = await client.send(new CreateModelCustomizationJobCommand(input));
      return jobArn;
    },
    { concurrency: 8 },
  );
  client.destroy();
  await records.until('InProgress', new Set(arns), count);
  return arns;
};

/**
 * Ends the jobs, so many a second at an even pace, each of which sends one event. Answers what passed, in ms, from the
 * moment in which the job was told to end until its record was read as ended.
 */
export const eventsToRecords = async (
  run: RunningLocally,
  records: Records,
  { arns, perSecond }: { readonly arns: readonly string[]; readonly perSecond: number },
): Promise<number[]> => {
  const sent = new Map<string, number>();
  const pending = new Set<string>();
  const send = async (arn: string): Promise<void> => {
    sent.set(arn, performance.now());
    pending.add(arn);
    await run.steer('POST', `jobs/${encodeURIComponent(arn)}`, { status: 'Completed' });
  };
  const sendAll = async (): Promise<void> => {
    const started = performance.now();
    const sending: Promise<void>[] = [];
    for (const [position, arn] of arns.entries()) {
      await pause(Math.max(0, started + (position * 1000) / perSecond - performance.now()));
      sending.push(send(arn));
    }
    await Promise.all(sending);
  };
  const [seen] = await Promise.all([records.until('Completed', pending, arns.length), sendAll()]);
  return arns.map((arn) => (seen.get(arn) ?? NaN) - (sent.get(arn) ?? NaN));
};
