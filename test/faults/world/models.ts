import { ApiError, type CallContext, type RawCall } from '../../../lib/simulator/call.ts';
import type { OperationName } from '../../../lib/simulator/faults.ts';
import type { SimulatedJobs } from '../../../lib/simulator/jobs.ts';
import {
  type DeploymentAnswer,
  givenAt,
  type Model,
  type ModelAnswer,
  type Staged,
  type ThroughputAnswer,
} from '../../../lib/simulator/models.ts';
import { OPERATIONS } from '../../../lib/simulator/operations.ts';
import type { Place } from '../../../lib/simulator/resources.ts';

type Deployment = Staged<DeploymentAnswer> & Place;
type Throughput = Staged<ThroughputAnswer> & Place;
type AnyAnswer = ModelAnswer | DeploymentAnswer | ThroughputAnswer;
type Kind = 'models' | 'deployments' | 'throughputs';
const KINDS = ['models', 'deployments', 'throughputs'] as const;

/** A model of the world's Bedrock, or what serves one: what it is at any time, past ones included. */
export interface WorldResource {
  readonly kind: Kind;
  readonly arn: string;
  readonly item: Model | Deployment | Throughput;
  goneAt?: number;
}

/** The simulator's models and what serves them, with the memory of what was deleted. */
export class WorldModels {
  readonly #store: SimulatedJobs;
  readonly #known = new Map<string, WorldResource>();

  constructor(store: SimulatedJobs) {
    this.#store = store;
  }

  /** All that ever were: a job that completes makes a model without a call. */
  all(kind?: Kind): WorldResource[] {
    for (const each of KINDS) {
      for (const item of this.#store[each].all()) {
        const known = this.#known.get(item.arn);
        if (known?.item !== item) this.#known.set(item.arn, { kind: each, arn: item.arn, item });
      }
    }
    return [...this.#known.values()].filter((one) => kind === undefined || one.kind === kind);
  }

  there(kind: Kind): WorldResource[] {
    return this.all(kind).filter(({ goneAt }) => goneAt === undefined);
  }

  known(arn: string): WorldResource | undefined {
    return this.#known.get(arn) ?? this.all().find((one) => one.arn === arn);
  }

  /** One call as somebody in the account makes it. Undefined where Bedrock refuses it. */
  call(name: OperationName, raw: Partial<RawCall>, context: CallContext): object | undefined {
    const { input, run } = OPERATIONS[name];
    this.all();
    try {
      const answer = run(input({ identifier: '', query: {}, body: {}, ...raw }), context);
      for (const one of this.#known.values())
        if (one.goneAt === undefined && this.#store[one.kind].get(one.arn) === undefined) one.goneAt = context.now;
      return answer;
    } catch (error) {
      if (error instanceof ApiError) return undefined;
      throw error;
    }
  }

  /** Takes out models, and what was deleted of what served them, so that a long time stays quick to play. */
  forget(modelArns: ReadonlySet<string>): void {
    for (const one of this.all()) {
      const isOf = one.kind === 'models' || one.goneAt !== undefined;
      if (!isOf || !modelArns.has(servedBy(one, Infinity))) continue;
      this.#known.delete(one.arn);
      const item = this.#store[one.kind].get(one.arn);
      if (item !== undefined)
        (this.#store[one.kind].remove as (item: unknown) => void).call(this.#store[one.kind], item);
    }
  }

  /** Puts those of a time into a store of the past. */
  addTo(past: SimulatedJobs, at: number): void {
    const of = <One>(kind: Kind) =>
      this.all(kind)
        .filter(({ item, goneAt = Infinity }) => item.createdAt <= at && at < goneAt)
        .map(({ item }) => ({ ...item })) as One[];
    past.models.addAll(of<Model>('models'), at);
    past.deployments.addAll(of<Deployment>('deployments'), at);
    past.throughputs.addAll(of<Throughput>('throughputs'), at);
  }
}

/** What Get answers at a time. */
export const answerOf = ({ item }: WorldResource, at: number): AnyAnswer => givenAt(item as Staged<AnyAnswer>, at);
/** The model behind a deployment or throughput at a time. */
export const servedBy = (one: WorldResource, at: number): string => answerOf(one, at).modelArn;
/** Each status that it ever had or will have. */
export const statusesOf = ({ item }: WorldResource): ReadonlySet<string | undefined> =>
  new Set(
    (item as Staged<AnyAnswer>).stages.map(({ given }) =>
      'modelStatus' in given ? given.modelStatus : (given as DeploymentAnswer).status,
    ),
  );
