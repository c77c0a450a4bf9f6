import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { BatchGetCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, test } from '@jest/globals';
import { table } from '../support/aws.ts';
import { putEvents, sampleEvent } from '../support/events.ts';
import { createJobs } from '../support/jobs.ts';
import { allTracked } from '../support/queues.ts';
import { jobsTable } from '../support/records.ts';

const EVENTS = 200;
const EVENTS_PER_SECOND = 20;
const DEADLINE_MS = 90_000;
/** Where npm run bench finds what the last run measured. */
const REPORT = join(import.meta.dirname, '../../../dist/stack-latency.json');

/** Of these keys, those that have a record now. DynamoDB takes a hundred at once. */
const tracked = async (arns: readonly string[]): Promise<string[]> => {
  const { Responses } = await table.send(
    new BatchGetCommand({
      RequestItems: {
        [jobsTable]: {
          Keys: arns.slice(0, 100).map((job_arn) => ({ job_arn })),
          ProjectionExpression: 'job_arn',
          ConsistentRead: true,
        },
      },
    }),
  );
  return (Responses?.[jobsTable] ?? []).map(({ job_arn }) => job_arn as string);
};

const percentile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? NaN;

describe('latency', () => {
  test(
    `${EVENTS} events, ${EVENTS_PER_SECOND} a second, are records soon`,
    async () => {
      const jobs = await createJobs(EVENTS);
      await allTracked();
      const putAt = new Map<string, number>();
      const latencies: number[] = [];
      const putting = (async () => {
        const start = performance.now();
        for (const [position, job] of jobs.entries()) {
          await pause(Math.max(0, start + (position * 1000) / EVENTS_PER_SECOND - performance.now()));
          putAt.set(job.arn, performance.now());
          await putEvents(sampleEvent('state-change-in-progress', job));
        }
      })();
      const end = performance.now() + DEADLINE_MS;
      while (latencies.length < EVENTS && performance.now() < end) {
        for (const arn of putAt.size === 0 ? [] : await tracked([...putAt.keys()])) {
          latencies.push(performance.now() - (putAt.get(arn) ?? NaN));
          putAt.delete(arn);
        }
        await pause(10);
      }
      await putting;
      latencies.sort((one, other) => one - other);
      const [p50, p99] = [percentile(latencies, 0.5), percentile(latencies, 0.99)];
      console.log(
        `Event to readable record, ${latencies.length} events: p50 ${p50.toFixed(0)} ms, p99 ${p99.toFixed(0)} ms`,
      );
      expect(latencies).toHaveLength(EVENTS);
      const date = new Date().toISOString().slice(0, 10);
      await mkdir(dirname(REPORT), { recursive: true });
      await writeFile(REPORT, JSON.stringify({ date, events: EVENTS, perSecond: EVENTS_PER_SECOND, p50, p99 }));
    },
    DEADLINE_MS + 30_000,
  );
});
