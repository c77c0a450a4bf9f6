import { DAY } from '../../lib/domain/time.ts';
import type { UsePoint } from '../../lib/domain/usage.ts';
import type { UseQuery, UseSource } from '../../lib/tracking/measure-usage.ts';

/** CloudWatch in memory: one invocation of an ARN at each of its times, held for 455 days. */
export class FakeUse implements UseSource {
  readonly queries: UseQuery[] = [];
  /** Why nothing is told of an ARN. */
  failures: ReadonlyMap<string, Error> = new Map();
  readonly #uses: ReadonlyMap<string, readonly number[]>;

  constructor(uses: ReadonlyMap<string, readonly number[]>) {
    this.#uses = uses;
  }

  read(query: UseQuery): Promise<ReadonlyMap<string, readonly UsePoint[] | Error>> {
    this.queries.push(query);
    return Promise.resolve(
      new Map(query.arns.map((arn) => [arn, this.failures.get(arn) ?? this.#pointsOf(arn, query)])),
    );
  }

  #pointsOf(arn: string, { from, to, periodMs }: UseQuery): UsePoint[] {
    const held = (this.#uses.get(arn) ?? []).filter((at) => at >= Math.max(from, to - 455 * DAY) && at < to);
    return held.map((at) => {
      const start = Math.floor(at / periodMs) * periodMs;
      return { metric: 'invocations', start, end: Math.min(to, start + periodMs), sum: 1 };
    });
  }
}
