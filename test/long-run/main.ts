/**
 * Runs the local stack for a long time: thousands of jobs at 200 times their speed, a fifth of the events lost, Bedrock
 * throttling and failing, tags changing to the end, and an open dashboard. Once no job is added memory must be flat, no
 * rejection may stay unhandled, and at the end each record must equal Bedrock's answer.
 *
 *   npm run test:long                              30 minutes, 5,000 jobs
 *   npm run test:long -- --minutes 3 --jobs 500
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { BedrockClient } from '@aws-sdk/client-bedrock';
import type { FaultsInput } from '../../lib/simulator/index.ts';
import { MINUTE } from '../../lib/domain/time.ts';
import '../support/environment.ts';
import { compareRecords } from './compare.ts';
import { type ObservedRun, peakRss, startObservedRun, trendOf } from './local-run.ts';
import { followDashboard, startTeams } from './load.ts';

const REPORT = join(import.meta.dirname, '../../dist/long-run.json');
const SPEED = 200;
/** In the rest of the time no job is added, and memory must not grow. */
const ADDING_SHARE = 2 / 3;
/** The heap may grow so much an hour without new jobs, as one collection leaves what the next one frees. */
const FLAT_MB_AN_HOUR = 12;
const JUDGED_SAMPLES = 30;
/** A full sweep compares tags job by job, in parts of half a minute with a minute between them. */
const SETTLE_LIMIT_MS = 10 * MINUTE;
const FAULTS: FaultsInput = {
  throttle: { ratePerSecond: 100, burst: 200 },
  failProbability: 0.02,
  latencyMs: 5,
  events: { dropProbability: 0.2, duplicateProbability: 0.1, reorderProbability: 0.1 },
};

const setFaults = async ({ addresses }: ObservedRun, faults: FaultsInput): Promise<void> => {
  const body = JSON.stringify(faults);
  const answer = await fetch(`${addresses.bedrockUrl ?? ''}/_simulator/faults`, { method: 'PUT', body });
  if (!answer.ok) throw new Error(await answer.text());
};

/** Compares until every record is right: the last sweep may still be in progress. */
const settle = async (run: ObservedRun, arns: readonly string[]): Promise<readonly string[]> => {
  const end = Date.now() + SETTLE_LIMIT_MS;
  for (;;) {
    const wrong = await compareRecords(run.addresses, arns);
    if (wrong.length === 0 || Date.now() > end || run.hasEnded()) return wrong;
    console.log(`${wrong.length} records are not right yet`);
    await pause(10_000);
  }
};

const live = async (run: ObservedRun, minutes: number, jobs: number) => {
  await setFaults(run, FAULTS);
  const client = new BedrockClient({ endpoint: run.addresses.bedrockUrl ?? '', maxAttempts: 8 });
  const ending = new AbortController();
  const seconds = minutes * 60;
  const teams = startTeams(client, ending.signal, jobs, seconds * ADDING_SHARE);
  const visitor = followDashboard(run.addresses.webUrl, ending.signal);
  for (let minute = 0; minute < minutes && !run.hasEnded(); minute += 1) {
    await pause(60_000);
    const mb = Math.round((run.memory.at(-1)?.rss ?? 0) / 1024 ** 2);
    console.log(`minute ${minute + 1}: ${teams.jobs.length} jobs, ${mb} MB`);
  }
  ending.abort();
  await teams.played;
  await setFaults(run, {});
  client.destroy();
  return { jobs: teams.jobs, refusedCalls: teams.refused(), visits: await visitor };
};

const report = async (run: ObservedRun, minutes: number, count: number) => {
  const { jobs, refusedCalls, visits } = await live(run, minutes, count);
  const adding = minutes * 60 * ADDING_SHARE;
  // By then the last jobs have ended, and the memory of running jobs is free.
  const still = trendOf(run.memory, adding + minutes * 4, minutes * 60);
  const wrong = await settle(run, jobs);
  const exitCode = await run.stop();
  const { problems } = run;
  const checks = {
    'every record equals what Bedrock answers': wrong.length === 0,
    'no unhandled rejection and no warning of Node.js': problems.length === 0,
    // The slope of a few samples means nothing.
    ...(still.samples >= JUDGED_SAMPLES && {
      'the heap is flat while no job is added': still.heapSlope < FLAT_MB_AN_HOUR,
    }),
    'the run stopped on request': exitCode === 0,
  };
  return {
    date: new Date().toISOString().slice(0, 10),
    ...{ minutes, speed: SPEED, jobs: jobs.length, refusedCalls, ...visits },
    ...{ failedSweeps: run.printed().match(/sweep failed/g)?.length ?? 0, peakRss: peakRss(run.memory) },
    whileJobsAreAdded: trendOf(run.memory, 60, adding),
    whileNoneIsAdded: still,
    ...{ checks, wrong: wrong.slice(0, 20), problems: problems.slice(0, 20) },
  };
};

const main = async (): Promise<void> => {
  const { values } = parseArgs({
    options: { minutes: { type: 'string', default: '30' }, jobs: { type: 'string', default: '5000' } },
  });
  const dataDir = await mkdtemp(join(tmpdir(), 'bedrock-job-tracker-long-run-'));
  const flags = ['--port', '0', '--dynamodb-port', '0', '--bedrock-port', '0', '--active-jobs', '0'];
  const run = await startObservedRun(dataDir, [...flags, '--speed', String(SPEED), '--full-sweep-every', '60']);
  try {
    const result = await report(run, Number(values.minutes), Number(values.jobs));
    console.log(JSON.stringify(result, null, 2));
    await mkdir(dirname(REPORT), { recursive: true });
    await writeFile(REPORT, JSON.stringify(result, null, 2));
    const outcomes = Object.values(result.checks);
    const failed = outcomes.filter((held) => !held).length;
    console.log(`${outcomes.length - failed} passed, ${failed} failed`);
    if (failed > 0) process.exitCode = 1;
  } finally {
    if (!run.hasEnded()) await run.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
};

await main();
