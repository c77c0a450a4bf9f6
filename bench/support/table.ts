import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { TableRequest, TableSettings } from './table-process.ts';

/** A table of a history's records, in another process. */
export interface HistoryTable {
  readonly url: string;
  /** Now it has so many records. */
  readonly growTo: (records: number) => Promise<void>;
  /** How long each request takes from now on. */
  readonly setLatency: (latencyMs: number) => Promise<void>;
  /** How many requests came since the last time it was asked. */
  readonly requests: () => Promise<number>;
  readonly close: () => void;
}

/** Starts it without records. */
export const startHistoryTable = async (settings: TableSettings): Promise<HistoryTable> => {
  const child = fork(join(import.meta.dirname, 'table-process.ts'), [JSON.stringify(settings)], {
    execArgv: ['--disable-warning=ExperimentalWarning'],
  });
  const [{ url }] = (await once(child, 'message')) as [{ url: string }];
  const ask = async (request: TableRequest): Promise<number> => {
    child.send(request);
    const [{ requests }] = (await once(child, 'message')) as [{ requests: number }];
    return requests;
  };
  return {
    url,
    growTo: async (records) => {
      await ask({ growTo: records });
    },
    setLatency: async (latencyMs) => {
      await ask({ latencyMs });
    },
    requests: () => ask({}),
    close: () => {
      child.disconnect();
    },
  };
};
