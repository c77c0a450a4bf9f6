import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Cell, Measurements, MeasureOptions, Section, Target } from '../../section.ts';
import { formatNumber, formatSpread, median, pairedRatios } from '../../statistics.ts';
import type { Pairs, Plan } from './pairs.ts';
import type { Addresses } from './servers.ts';

const MOST_RATIO = 1.15;
const BATCHES = [1, 10];
const SERVERS = { answers: 'ready answers', simulator: 'simulator and dynalite' } as const;

const start = (file: string, args: readonly string[]): ChildProcess =>
  fork(join(import.meta.dirname, file), args, {
    execArgv: ['--disable-warning=ExperimentalWarning'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });

/** The one message of a process; rejects where it ends without. */
const messageOf = async <T>(child: ChildProcess): Promise<T> => {
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`A process of the measurement ended with ${String(code)}.`);
  });
  const [message] = (await Promise.race([once(child, 'message'), ended])) as [T];
  ended.catch(() => undefined);
  return message;
};

const pairsOf = async (server: keyof typeof SERVERS, plan: Plan): Promise<Pairs> => {
  const jobs = 2 * plan.batch * (plan.warmUp + plan.rounds);
  const servers = start('servers.ts', [server, String(jobs)]);
  try {
    const addresses = await messageOf<Addresses>(servers);
    return await messageOf<Pairs>(start('pairs.ts', [JSON.stringify(addresses), JSON.stringify(plan)]));
  } finally {
    servers.disconnect();
  }
};

interface Measured {
  readonly server: keyof typeof SERVERS;
  readonly batch: number;
  readonly pairs: Pairs;
}

const timesOf = (took: Pairs[keyof Pairs]): number[] => took.map(({ time }) => time);
const ratiosOf = ({ pairs }: Measured): number[] => pairedRatios(timesOf(pairs.handler), timesOf(pairs.bare));

const rowOf = (measured: Measured): Cell[] => {
  const { server, batch, pairs } = measured;
  const [handler, bare] = [timesOf(pairs.handler), timesOf(pairs.bare)];
  const cpu = median(pairs.handler.map((took, n) => (took.cpu - (pairs.bare[n]?.cpu ?? NaN)) / batch));
  return [
    `${SERVERS[server]}, ${batch} ${batch === 1 ? 'message' : 'messages'}`,
    formatSpread(bare),
    formatSpread(handler),
    formatSpread(ratiosOf(measured)),
    formatNumber(cpu),
  ];
};

const targetOf = (measured: Measured): Target => {
  const ratio = median(ratiosOf(measured));
  return {
    what: `A warm batch of ${measured.batch} in the handler of track-job, over the bare calls`,
    target: `≤ ${MOST_RATIO}×`,
    measured: `${formatNumber(ratio)}×`,
    met: ratio <= MOST_RATIO,
  };
};

const measure = async ({ quick, say }: MeasureOptions): Promise<Measurements> => {
  const measured: Measured[] = [];
  for (const server of ['answers', 'simulator'] as const) {
    for (const batch of BATCHES) {
      const rounds = quick ? 5 : server === 'answers' ? 400 : 200;
      measured.push({ server, batch, pairs: await pairsOf(server, { batch, warmUp: quick ? 5 : 100, rounds }) });
      say(`${SERVERS[server]}, batches of ${batch}: measured`);
    }
  }
  return {
    targets: measured.filter(({ server }) => server === 'simulator').map(targetOf),
    tables: [
      {
        title: 'One batch of new jobs, ms',
        columns: ['', 'bare calls', 'handler', 'ratio of each pair', 'more processor time a message'],
        rows: measured.map(rowOf),
      },
    ],
  };
};

export const section: Section = {
  title: 'What the handler adds',
  method:
    'The handler of `track-job`, loaded from the sources with middy, Powertools, its log at level info and its metrics, beside the calls that it makes: for each message a consistent GetItem, then GetModelCustomizationJob and ListTagsForResource side by side, then a conditional PutItem of a record that lies ready; the messages of a batch at once. Both use the same SDK clients with the same settings, in one warm process; handler and bare calls alternate in pairs, and every message is about a job of its own that no record knows yet, so that each is a full look with a write. The log goes nowhere. What is called runs in another process: the simulator and dynalite, by which the target goes, or a server of ready answers, which takes next to no time itself and so shows the overhead at its largest.',
  findings:
    "What the handler adds is a millisecond of processor time a message, in a batch half of that: reading the event, deciding and normalizing, one line of log, four metrics, and the batch around it. Nothing in it stands out. In a processor profile of both in turn, beside ready answers, Node.js's HTTP and sockets took 40%, the SDK another 40% (signing 8%), the tracker's own code 4% (normalizing 2%), Powertools' log 1%. Beside ready answers, which cost next to nothing, a single message is therefore near the target or above it; beside a Bedrock and a DynamoDB that take some milliseconds a call it is not. A batch shares what is done once for all its messages.",
  measure,
};
