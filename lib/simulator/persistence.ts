/** The simulator's jobs in a file, so that lives go on after a restart. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import * as v from 'valibot';
import type { Kept, SimulatedJobs } from './jobs.ts';
import {
  DEPLOYMENT,
  type DeploymentAnswer,
  MODEL,
  type ModelAnswer,
  type Staged,
  THROUGHPUT,
  type ThroughputAnswer,
} from './models.ts';
import type { Place, Resource } from './resources.ts';
import type { JobAnswer } from './life.ts';
import { parseArn } from './call.ts';

/** A job to put in as it is: Get's answer as JSON, with its tags. */
export interface LoadedJob {
  readonly job: JobAnswer;
  readonly tags?: Readonly<Record<string, string>>;
}

/** What is put in as it is: an answer of Get as JSON, with its tags. A completed job brings its model with it. */
export interface Loaded extends Partial<LoadedJob> {
  readonly model?: ModelAnswer;
  readonly deployment?: DeploymentAnswer;
  readonly throughput?: ThroughputAnswer;
}

/** What the simulator knows of one job at a time. */
export interface Truth {
  readonly job: JobAnswer;
  readonly tags: Readonly<Record<string, string>>;
}

/** Throws a TypeError for what no list could hold. */
const resourceOf = (arn: string, creationTime: string, tags: Loaded['tags'] = {}): Resource => {
  const scope = parseArn(arn);
  const createdAt = Date.parse(creationTime);
  if (!scope) throw new TypeError(`${arn} is not the ARN of a Bedrock resource.`);
  if (Number.isNaN(createdAt)) throw new TypeError(`The creation time of ${arn} is not a timestamp.`);
  const { accountId, region } = scope;
  return { scope: { accountId, region }, createdAt, tags: new Map(Object.entries(tags)) };
};

/** Puts resources in as they are; nobody hears of them. Throws a TypeError for one that no list could hold. */
export const load = (loaded: Iterable<Loaded>, store: SimulatedJobs, now: number): void => {
  const all = [...loaded];
  const put = <Answer extends object>(
    resources: Kept<Answer>,
    answerOf: (each: Loaded) => Answer | undefined,
  ): void => {
    const { arn, created } = resources.kind;
    const staged = all.flatMap((each): Staged<Answer>[] => {
      const given = answerOf(each);
      if (given === undefined) return [];
      const resource = resourceOf(String(given[arn]), String(given[created]), each.tags);
      return [{ ...resource, stages: [{ at: resource.createdAt, given }] }];
    });
    resources.addAll(staged, now);
  };
  const jobs = all.flatMap(({ job, tags }) =>
    job === undefined ? [] : [{ ...resourceOf(job.jobArn, job.creationTime, tags), given: job }],
  );
  store.load(jobs, now);
  put(store.models, ({ model }) => model);
  put(store.deployments, ({ deployment }) => deployment);
  put(store.throughputs, ({ throughput }) => throughput);
};

export const truthOf = (job: JobAnswer, tags: ReadonlyMap<string, string>): Truth => ({
  job,
  tags: Object.fromEntries(tags),
});

/** The state file cannot be used; the message names it and says what to do. */
export class StateFileError extends Error {
  override readonly name = 'StateFileError';
}

const FORMAT = 'bedrock-simulator/1';
const DEBOUNCE_MS = 100;

const text = v.string();
/** What a Date can hold. */
const time = v.pipe(v.number(), v.minValue(-8.64e15), v.maxValue(8.64e15));
const scope = v.object({
  accountId: v.pipe(text, v.regex(/^\d{12}$/)),
  region: v.pipe(text, v.regex(/^[a-z0-9-]{1,20}$/)),
});

const calls = v.object({ invocations: time, inputTokens: time, outputTokens: time });
const tags = v.array(v.tuple([text, text]));
/** Resources that have these texts in what they answer. */
const staged = (...members: readonly string[]) => {
  const given = v.looseObject(Object.fromEntries(members.map((member) => [member, text])));
  const stages = v.pipe(v.array(v.object({ at: time, given })), v.minLength(1));
  return v.optional(v.array(v.object({ scope, createdAt: time, tags, stages })));
};

/** Enough to notice a file that is none of ours or broken; what is inside an answer was checked when it was made. */
const StateFile = v.object({
  format: v.literal(FORMAT),
  random: time,
  jobs: v.array(
    v.object({
      scope,
      createdAt: time,
      given: v.looseObject({ jobArn: text, jobName: text, creationTime: text }),
      tags,
      plan: v.optional(
        v.looseObject({
          phases: v.array(v.object({ task: text, startsAfter: time, endsAfter: time })),
          endsAfter: time,
          beatMs: time,
          stoppingMs: time,
          outputModelArn: text,
          validationLosses: v.array(time),
        }),
      ),
      stop: v.optional(v.object({ at: time, until: time })),
      forced: v.optional(v.looseObject({ at: time, status: v.picklist(['Completed', 'Failed', 'Stopped']) })),
      listedBaseModelArn: v.optional(text),
      modelTags: v.optional(v.record(text, text)),
    }),
  ),
  models: staged(MODEL.arn, MODEL.name),
  deployments: staged(DEPLOYMENT.arn, DEPLOYMENT.name, 'modelArn'),
  throughputs: staged(THROUGHPUT.arn, THROUGHPUT.name, 'modelArn'),
  use: v.optional(v.array(v.tuple([text, v.array(v.tuple([time, calls]))])), []),
  tokens: v.array(v.object({ scope, token: text, jobArn: text, fingerprint: text })),
});
type StateFile = v.InferOutput<typeof StateFile>;

/** All that a resource is, but for what the indexes hold it by. */
const snapshotOf = <Item extends Resource & Place>(resources: { readonly all: () => Iterable<Item> }): object[] =>
  Array.from(resources.all(), ({ arn: _, name: __, status: ___, changesAt: ____, tags, ...resource }) => ({
    ...resource,
    tags: [...tags],
  }));

const snapshot = (store: SimulatedJobs, random: number, now: number): object => ({
  format: FORMAT,
  random,
  jobs: snapshotOf(store),
  models: snapshotOf(store.models),
  deployments: snapshotOf(store.deployments),
  throughputs: snapshotOf(store.throughputs),
  use: store.use.entries(now),
  // Named as in files of the first version, which had jobs alone; the ARN tells the kind.
  tokens: [store, store.models, store.deployments, store.throughputs].flatMap((resources) =>
    [...resources.scopes()].flatMap(({ scope, tokens }) =>
      [...tokens].map(([token, { arn: jobArn, fingerprint }]) => ({ scope, token, jobArn, fingerprint })),
    ),
  ),
});

const readState = (path: string): StateFile | undefined => {
  try {
    return v.parse(StateFile, JSON.parse(readFileSync(path, 'utf8')));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    const [issue] = v.isValiError<typeof StateFile>(error) ? error.issues : [];
    throw broken(path, `${issue ? `${v.getDotPath(issue) ?? 'the whole'}: ` : ''}${(error as Error).message}`, error);
  }
};

const broken = (path: string, reason: string, cause?: unknown): StateFileError =>
  new StateFileError(
    `The simulator's state file ${path} cannot be used (${reason.slice(0, 300)}). ` +
      'Move it away or delete it to start without jobs, or choose another file.',
    { cause },
  );

/** Puts what the file holds into the store. Answers the random state to go on from, or undefined for a new file. */
export const restore = (path: string, store: SimulatedJobs, now: number): number | undefined => {
  const state = readState(path);
  if (!state) return undefined;
  const alive = (kept: readonly { readonly tags: readonly (readonly [string, string])[] }[]) =>
    kept.map((each) => ({ ...each, tags: new Map(each.tags) })) as never[];
  // Files of the first version have no models.
  if (state.models === undefined) store.load(alive(state.jobs), now);
  else store.addAll(alive(state.jobs), now);
  for (const kind of ['models', 'deployments', 'throughputs'] as const)
    store[kind].addAll(alive(state[kind] ?? []), now);
  for (const [arn, hours] of state.use) for (const [hour, each] of hours) store.use.record(arn, hour, each);
  for (const { scope: where, token, jobArn: arn, fingerprint } of state.tokens)
    store.kindOf(arn).in(where).tokens.set(token, { arn, fingerprint });
  return state.random;
};

/** Writes the state some time after each change, one write at a time, and whole or not at all. */
export class StateWriter {
  readonly #path: string;
  readonly #state: () => object;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> | undefined;
  #failure: unknown;
  #closed = false;

  /** Throws where the file cannot be written, rather than hours later. */
  constructor(path: string, store: SimulatedJobs, random: () => number, now: () => number = Date.now) {
    this.#path = path;
    this.#state = () => snapshot(store, random(), now());
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(this.#temporary, JSON.stringify(this.#state()));
    renameSync(this.#temporary, path);
  }

  get #temporary(): string {
    return `${this.#path}.${process.pid}.tmp`;
  }

  /** Something has changed. */
  touch(): void {
    if (this.#closed) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      void this.#write();
    }, DEBOUNCE_MS).unref();
  }

  /** Writes for the last time: the file may be another simulator's afterwards. Throws where it cannot be written. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    await this.#write();
    if (this.#failure !== undefined) throw broken(this.#path, (this.#failure as Error).message, this.#failure);
  }

  async #write(): Promise<void> {
    while (this.#writing) await this.#writing;
    this.#writing = this.#replace();
    await this.#writing;
  }

  async #replace(): Promise<void> {
    try {
      await writeFile(this.#temporary, JSON.stringify(this.#state()));
      await rename(this.#temporary, this.#path);
      this.#failure = undefined;
    } catch (error) {
      // The next change tries again; who closes the simulator hears of it.
      if (this.#failure === undefined) process.emitWarning(broken(this.#path, (error as Error).message));
      this.#failure = error;
    } finally {
      this.#writing = undefined;
    }
  }
}
