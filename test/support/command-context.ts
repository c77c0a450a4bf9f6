import { TrackerError } from '../../lib/domain/errors.ts';
import type { CommandContext, Connection, Terminal } from '../../lib/cli/context.ts';
import type { TrackerFlags } from '../../lib/cli/flags.ts';

/** What a command said, line by line. */
export interface Said {
  /** What was asked for: standard output. */
  readonly printed: string[];
  /** Everything else: standard error. */
  readonly told: string[];
}

export interface TestContext extends Said {
  readonly context: CommandContext;
  /** The flags of each connection that was made. */
  readonly connectedBy: TrackerFlags[];
}

const lines = (text: string): string[] => text.replace(/\n$/, '').split('\n');

/** A context that keeps what is said. Without a terminal, colours and a connection unless they are given. */
export const testContext = ({
  terminal = {},
  connection = {},
  now = '2026-08-10T12:00:00.000Z',
}: {
  readonly terminal?: Partial<Terminal>;
  readonly connection?: Partial<Connection>;
  readonly now?: string;
} = {}): TestContext => {
  const printed: string[] = [];
  const told: string[] = [];
  const connectedBy: TrackerFlags[] = [];
  return {
    printed,
    told,
    connectedBy,
    context: {
      program: 'bedrock-jobs',
      terminal: {
        print: (line) => void printed.push(...lines(line)),
        write: (text) => {
          printed.push(...lines(Buffer.from(text).toString()));
          return Promise.resolve();
        },
        tell: (line) => void told.push(...lines(line)),
        ring: () => void told.push('(bell)'),
        isTerminal: false,
        showsProgress: false,
        columns: undefined,
        rows: undefined,
        colour: false,
        ...terminal,
      },
      connect: (flags) => {
        connectedBy.push(flags);
        return Promise.resolve({
          invocation: { program: 'bedrock-jobs', trackerFlags: [] },
          models: () => Promise.reject(new TrackerError('TRACKER_NOT_FOUND', 'The tracker has no models table.')),
          ...connection,
        } as Connection);
      },
      clock: () => new Date(now),
      signal: new AbortController().signal,
    },
  };
};
