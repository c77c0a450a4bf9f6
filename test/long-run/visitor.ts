import { setTimeout as pause } from 'node:timers/promises';

const READ_EVERY_MS = 3_000;

export interface Visits {
  readonly pagesRead: number;
  readonly pagesRefused: number;
  readonly updatesHeard: number;
}

const listen = async (url: string, signal: AbortSignal, heard: () => void): Promise<void> => {
  while (!signal.aborted) {
    try {
      const { body } = await fetch(url, { signal });
      for await (const _piece of body ?? []) heard();
    } catch {
      // The server sends slow readers away, and the end of the run aborts: a browser would come back as well.
      await pause(1_000);
    }
  }
};

/** Somebody who has the dashboard open: follows its updates and reads its lists. */
export const followDashboard = async (webUrl: string, signal: AbortSignal): Promise<Visits> => {
  let [pagesRead, pagesRefused, updatesHeard] = [0, 0, 0];
  const listening = listen(`${webUrl}/api/updates`, signal, () => void (updatesHeard += 1));
  while (!signal.aborted) {
    for (const path of ['/api/jobs', '/api/jobs?active=true', '/api/jobs?status=Failed', '/api/overview']) {
      const answer = await fetch(`${webUrl}${path}`).catch(() => undefined);
      await answer?.arrayBuffer();
      if (answer?.ok === true) pagesRead += 1;
      else pagesRefused += 1;
    }
    await pause(READ_EVERY_MS);
  }
  await listening;
  return { pagesRead, pagesRefused, updatesHeard };
};
