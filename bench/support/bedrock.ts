/** The simulator in a process of its own, so that neither its time nor its memory is counted as the tracker's. */
import { startBedrockSimulator, type Counts, type Faults, type FaultsInput } from '../../lib/simulator/index.ts';
import { historyJobs } from './history.ts';
import { startProcess } from './process.ts';

/** Adds the jobs of a history, from one age to another. */
interface LoadRequest {
  readonly from: number;
  readonly count: number;
  readonly until: number;
}

/** Calls by what they ask for. */
export interface Calls {
  readonly list: number;
  readonly get: number;
  readonly tags: number;
  readonly throttled: number;
}

export const totalOf = ({ list, get, tags }: Calls): number => list + get + tags;

export interface Bedrock {
  readonly url: string;
  /** Makes the history so many jobs long; it never shrinks. */
  readonly growTo: (count: number) => Promise<void>;
  readonly setFaults: (faults: FaultsInput) => Promise<Faults>;
  /** The calls since the last time it was asked. */
  readonly calls: () => Promise<Calls>;
  readonly close: () => void;
}

/** A million jobs take some 3 GB. */
const HEAP_MB = 8_192;
/** The simulator makes an array of what it is given. */
const BATCH = 50_000;

const control = async <Answer>(url: string, method: 'GET' | 'PUT' | 'POST', body?: unknown): Promise<Answer> => {
  // The server closes a kept connection while this process makes 100,000 records and does not notice.
  const headers = { connection: 'close' };
  const response = await fetch(url, { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) });
  if (!response.ok) throw new Error(`${method} ${url} answered ${response.status}: ${await response.text()}`);
  return (await response.json()) as Answer;
};

const sum = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((total, count) => total + count, 0);

/** Starts it without jobs. The jobs to come are those of one history, which ends at `until`. */
export const startBedrock = async (until: number): Promise<Bedrock> => {
  const helper = startProcess(import.meta.filename, [], [`--max-old-space-size=${HEAP_MB}`]);
  const { url } = await helper.next<{ url: string }>();
  const steering = `${url}/_simulator`;
  let loaded = 0;
  return {
    url,
    growTo: async (count) => {
      await helper.ask({ from: loaded, count, until } satisfies LoadRequest);
      loaded = Math.max(loaded, count);
    },
    setFaults: (faults) => control(`${steering}/faults`, 'PUT', faults),
    calls: async () => {
      const { received, throttled } = await control<Counts>(`${steering}/counts`, 'GET');
      await control(`${steering}/counts/reset`, 'POST');
      const { ListTagsForResource: tags, ...others } = received;
      const of = (verb: string) =>
        sum(Object.fromEntries(Object.entries(others).filter(([name]) => name.startsWith(verb))));
      return { list: of('List'), get: of('Get'), tags, throttled: sum(throttled) };
    },
    close: helper.close,
  };
};

if (process.argv[1] === import.meta.filename) {
  const simulator = await startBedrockSimulator({ speed: 1, failureRate: 0 });
  process.on('message', ({ from, count, until }: LoadRequest) => {
    for (let next = from; next < count; next += BATCH) {
      simulator.load(historyJobs(Math.min(count, next + BATCH), { until }, next));
    }
    process.send?.({ loaded: count });
  });
  process.on('disconnect', () => process.exit());
  process.send?.({ url: simulator.url });
}
