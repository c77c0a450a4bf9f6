import { isTerminal } from '../../lib/domain/record.ts';
import type { Scope } from '../../lib/domain/identity.ts';
import { DAY, HOUR, MINUTE } from '../../lib/domain/time.ts';
import type { Fault } from './faults.ts';
import type { History, Step, Swept } from './history.ts';
import { modelTruthProblems, pointerProblems } from './invariants/models.ts';
import { publishedModelProblems, publishedProblems } from './invariants/published.ts';
import { truthProblems } from './invariants/truth.ts';
import { transitionProblems } from './invariants/writes.ts';
import { SCOPES, World } from './world/world.ts';

/** Outlasts functions, leases, and clocks that were ahead. */
const SETTLES = 2 * HOUR;
/** Outlasts late events, and messages that are handed over five times. */
const DRAINS = 12 * HOUR;

/** A history after which, or in which, something did not hold. */
export class BrokenPromise extends Error {
  constructor(problems: readonly string[]) {
    super(problems.slice(0, 5).join('\n'));
  }
}

/** What somebody in the account does to models: what Bedrock refuses has no effect. */
const takeModels = (world: World, step: ModelStep): void => {
  const { models } = world.bedrock;
  const pick = (kind: 'models' | 'serving', number: number) => {
    const all =
      kind === 'models' ? models.there('models') : [...models.there('deployments'), ...models.there('throughputs')];
    return all[number % Math.max(1, all.length)];
  };
  const model = 'model' in step ? pick('models', step.model) : undefined;
  const serving = 'serving' in step ? pick('serving', step.serving) : undefined;
  const noun = serving?.kind === 'throughputs' ? 'ProvisionedModelThroughput' : 'CustomModelDeployment';
  switch (step.does) {
    case 'import': {
      const source = { s3DataSource: { s3Uri: 's3://models/one/' } };
      world.call('CreateCustomModel', SCOPES[step.scope] ?? SCOPES[0], '', {
        modelName: `model-${step.name}`,
        modelSourceConfig: source,
      });
      break;
    }
    case 'serve': {
      if (model === undefined) return;
      const { arn, item } = model;
      const name = `serving-${step.name}`;
      if (step.units === 0)
        world.call('CreateCustomModelDeployment', item.scope, '', { modelDeploymentName: name, modelArn: arn });
      else
        world.call('CreateProvisionedModelThroughput', item.scope, '', {
          provisionedModelName: name,
          modelId: arn,
          modelUnits: step.units,
        });
      break;
    }
    case 'move': {
      if (model === undefined || serving === undefined) return;
      const target = serving.kind === 'throughputs' ? { desiredModelId: model.arn } : { modelArn: model.arn };
      const isMoved = world.call(`Update${noun}`, serving.item.scope, serving.arn, target);
      if (isMoved) world.machine.faults.note('a deployment or throughput is moved');
      break;
    }
    case 'withdraw': {
      if (serving === undefined) return;
      const byName = world.machine.faults.random('names').chance(0.5);
      world.call(`Delete${noun}`, serving.item.scope, byName ? serving.item.name : serving.arn, {});
      break;
    }
    case 'delete': {
      if (model === undefined) return;
      const byName = world.machine.faults.random('names').chance(0.5);
      world.call('DeleteCustomModel', model.item.scope, byName ? model.item.name : model.arn, {});
      break;
    }
    default:
      step satisfies never;
  }
};

type ModelStep = Extract<Step, { does: 'import' | 'serve' | 'move' | 'withdraw' | 'delete' }>;

const take = (world: World, step: Step): void => {
  const jobs = world.bedrock.jobs;
  const job = 'job' in step ? jobs[step.job % Math.max(1, jobs.length)] : undefined;
  const scope = ('scope' in step ? SCOPES[step.scope] : undefined) ?? SCOPES[0];
  switch (step.does) {
    case 'create':
      world.create(scope, step.plan);
      break;
    case 'stop':
    case 'vanish':
      if (job !== undefined) world[step.does](job);
      break;
    case 'tag':
      if (job !== undefined) world.tag(job, step.value);
      break;
    case 'sweep':
      void world.sweep(step.kind, step);
      break;
    case 'unreadable':
      world.sendUnreadable();
      break;
    case 'deploy':
      world.deploy();
      break;
    case 'take out':
    case 'take in':
      world.track(step.does === 'take in' ? SCOPES : [SCOPES[0]]);
      break;
    case 'import':
    case 'serve':
    case 'move':
    case 'withdraw':
    case 'delete':
      takeModels(world, step);
      break;
    case 'wait':
      break;
    default:
      step satisfies never;
  }
};

export const require = (problems: readonly string[]): void => {
  if (problems.length > 0) throw new BrokenPromise(problems);
};

/** A sweep with nothing in its way: it must end well. */
const sweep = async (world: World, kind: Swept): Promise<void> => {
  const ending = world.sweep(kind, { timeoutMs: 15 * MINUTE });
  // Longer than any sweep can take.
  await world.machine.time.advance(16 * MINUTE);
  const { how, ...rest } = await ending;
  require(
    how === 'answered' ? [] : [`the ${kind} sweep after the faults ${how} ${String('error' in rest && rest.error)}`],
  );
};

/** From when on tags are compared, and of which scopes records are. */
interface Compared {
  readonly tagsSince?: number;
  readonly isTracked?: (scope: Scope) => boolean;
}

export const requireTruth = (world: World, when: string, { tagsSince = 0, isTracked = () => true }: Compared): void => {
  const { bedrock } = world;
  const settled = { bedrock, version: world.version, tagsSince };
  require([
    ...world.problems,
    ...bedrock.jobs
      .filter(({ scope }) => isTracked(scope))
      .flatMap((job) =>
        truthProblems(settled, job, world.record(job.jobArn)).map((problem) => `${when}, ${job.jobName}: ${problem}`),
      ),
    ...world.jobs.items().flatMap((item) => (bedrock.known(String(item['job_arn'])) ? [] : ['a job was invented'])),
  ]);
};

export const requireModelTruth = (world: World, when: string, { isTracked = () => true }: Compared): void => {
  const { bedrock } = world;
  const { models } = bedrock;
  const known = new Set(models.all().map(({ arn }) => arn));
  require([
    ...world.problems,
    ...models
      .all('models')
      .filter(({ item }) => isTracked(item.scope))
      .flatMap((one) =>
        modelTruthProblems(bedrock, one, world.modelRecord(one.arn)).map(
          (problem) => `${when}, ${one.item.name} ${one.arn.slice(-12)}: ${problem}`,
        ),
      ),
    ...[...models.all('deployments'), ...models.all('throughputs')].flatMap((one) =>
      pointerProblems(bedrock, one, world.pointer(one.arn)).map(
        (problem) => `${when}, ${one.item.name} ${one.arn.slice(-12)}: ${problem}`,
      ),
    ),
    ...world.models
      .items()
      .flatMap((item) => (known.has(String(item['model_arn'])) ? [] : [`${String(item['model_arn'])} was invented`])),
  ]);
};

const toldOfModels = (world: World): string[] =>
  world.bedrock.models.all('models').flatMap(({ arn }) => {
    const record = world.modelRecord(arn);
    if (record === undefined) return [];
    const details = world.published.filter((detail) => 'model_arn' in detail && detail.model_arn === arn);
    const [givenUp, handedOver] = [world.givenUp.has(arn), world.handedOver.get(arn) ?? 0];
    return publishedModelProblems(record, details, { givenUp, handedOver }).map(
      (problem) => `${arn.slice(-12)}: ${problem}`,
    );
  });

/** Nothing waits any more; who subscribed has heard of everything, once. */
export const requireTold = (world: World): void => {
  const waiting = [...world.queue.messages(), ...world.sweepsQueue.messages()];
  require([
    ...waiting.map(({ messageId }) => `${messageId} was neither processed nor dead-lettered`),
    ...(world.streams.every(({ isRead }) => isRead) ? [] : ['a stream is not read to its end']),
    ...toldOfModels(world),
    ...world.bedrock.jobs.flatMap((job) => {
      const record = world.record(job.jobArn);
      if (record === undefined) return [];
      const details = world.published.filter((detail) => !('model_arn' in detail) && detail.job_arn === job.jobArn);
      const givenUp = world.givenUp.has(job.jobArn);
      const handedOver = world.handedOver.get(job.jobArn) ?? 0;
      const problems = [
        ...publishedProblems(record, details, { givenUp, handedOver }),
        ...transitionProblems(world.bedrock, job, record),
      ];
      return problems.map((problem) => `${job.jobName}: ${problem}`);
    }),
  ]);
};

export interface Played {
  readonly faults: ReadonlyMap<Fault, number>;
  readonly checks: Readonly<Record<string, number>>;
}

/** What was looked at, for the report. */
export const checksOf = (world: World): Played['checks'] => ({
  'jobs compared with Bedrock': world.bedrock.jobs.length,
  'models compared with Bedrock': world.bedrock.models.all('models').length,
  'deployments and throughputs compared':
    world.bedrock.models.all('deployments').length + world.bedrock.models.all('throughputs').length,
  'final statuses compared': world.bedrock.jobs.filter((job) =>
    isTerminal({ status: world.bedrock.statusOf(job) ?? '' }),
  ).length,
  'writes watched': [...world.jobs.items(), ...world.models.items(), ...world.scopes()].reduce(
    (sum, item) => sum + Number(item['revision'] ?? 1),
    0,
  ),
  'messages followed to their end': world.queue.sent,
  'transition events compared': world.published.length,
});

const ENOUGH_RUNS = 30;

/**
 * Full sweeps that never have the time for all jobs, at hours when nothing else goes wrong: each must go on where the one
 * before stopped, or none would ever come to the end.
 */
export const playShortOfTime = async (jobs: number, trace?: (line: string) => void): Promise<Played> => {
  const world = new World({ seed: jobs, rates: {}, tagRefreshDays: 30, trace });
  const plan = { validates: 1, trains: 1, stopping: 1, ends: 'Completed', beat: 1 } as const;
  for (let number = 0; number < jobs; number += 1) world.load(SCOPES[0], plan, 9 * HOUR + number * MINUTE);
  const isSwept = (): boolean => {
    const states = world.sweeps.items().filter((item) => item['sweep'] === 'full');
    return states.length === SCOPES.length && states.every((state) => state['unfinished'] !== true);
  };
  for (let run = 0; run < ENOUGH_RUNS && !isSwept(); run += 1) {
    void world.sweep('full', { timeoutMs: 10_000 });
    await world.machine.time.advance(HOUR);
  }
  require([
    ...world.problems,
    ...(isSwept() ? [] : [`${ENOUGH_RUNS} runs did not bring a full sweep of ${jobs} jobs to its end`]),
  ]);
  world.bedrock.standStill();
  requireTruth(world, 'after the last run', {});
  return { faults: world.machine.faults.counts, checks: checksOf(world) };
};

/** Plays a history, ends all faults, and looks whether everything holds. Throws BrokenPromise where it does not. */
export const play = async (
  { seed, rates, tagRefreshDays, before, steps, isHub, drainsFirst }: History,
  trace?: (line: string) => void,
): Promise<Played> => {
  const world = new World({ seed, rates, tagRefreshDays, isHub, trace });
  const { time, faults } = world.machine;
  for (const { scope, plan, agoMs } of before) world.load(SCOPES[scope] ?? SCOPES[0], plan, agoMs);
  for (const step of steps) {
    trace?.(`-- ${JSON.stringify(step)}`);
    take(world, step);
    await time.advance(step.does === 'wait' ? step.ms : 0);
    require(world.problems);
  }
  trace?.('-- faults end');
  faults.end();
  world.bedrock.standStill();
  world.track(SCOPES);
  await time.advance(drainsFirst ? DRAINS : SETTLES);
  await sweep(world, 'active');
  const tagsSince = time.now() - tagRefreshDays * DAY;
  await sweep(world, 'full');
  await sweep(world, 'models');
  requireTruth(world, 'after the last sweeps', { tagsSince });
  requireModelTruth(world, 'after the last sweeps', {});
  await time.advance(DRAINS);
  requireTruth(world, 'when all was delivered', { tagsSince });
  requireModelTruth(world, 'when all was delivered', {});
  requireTold(world);
  return { faults: faults.counts, checks: checksOf(world) };
};
