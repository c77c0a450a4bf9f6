import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Counts, Faults, FaultsInput } from '../../lib/simulator/index.ts';
import type { LoadRequest } from './bedrock-process.ts';

/** A simulated Bedrock in another process. */
export interface Bedrock {
  readonly url: string;
  /** Now there are so many jobs; there never are fewer again. */
  readonly growTo: (count: number) => Promise<void>;
  readonly setFaults: (faults: FaultsInput) => Promise<Faults>;
  /** What was called since the last time it was asked. */
  readonly counts: () => Promise<Counts>;
  readonly close: () => void;
}

/** A million jobs take some 3 GB. */
const HEAP_MB = 8_192;

const control = async <Answer>(url: string, method: 'GET' | 'PUT' | 'POST', body?: unknown): Promise<Answer> => {
  // A connection that is kept is closed by the server while this process makes 100,000 records and hears nothing of it.
  const headers = { connection: 'close' };
  const response = await fetch(url, { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) });
  if (!response.ok) throw new Error(`${method} ${url} answered ${response.status}: ${await response.text()}`);
  return (await response.json()) as Answer;
};

/** Starts it with no jobs. The jobs to come are those of one history, which ends at `until`. */
export const startBedrock = async (until: number): Promise<Bedrock> => {
  const child = fork(join(import.meta.dirname, 'bedrock-process.ts'), [], {
    execArgv: [`--max-old-space-size=${HEAP_MB}`, '--disable-warning=ExperimentalWarning'],
  });
  const [{ url }] = (await once(child, 'message')) as [{ url: string }];
  const steering = `${url}/_simulator`;
  let loaded = 0;
  return {
    url,
    growTo: async (count) => {
      child.send({ from: loaded, count, until } satisfies LoadRequest);
      loaded = Math.max(loaded, count);
      await once(child, 'message');
    },
    setFaults: (faults) => control(`${steering}/faults`, 'PUT', faults),
    counts: async () => {
      const counts = await control<Counts>(`${steering}/counts`, 'GET');
      await control(`${steering}/counts/reset`, 'POST');
      return counts;
    },
    close: () => {
      child.disconnect();
    },
  };
};
