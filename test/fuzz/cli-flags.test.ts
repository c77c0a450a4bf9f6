import { describe, expect } from '@jest/globals';
import { fc } from '@fast-check/jest';
import { CommanderError, type Command, type Option } from 'commander';
import { keysOf, tagsOf } from '../../lib/cli/commands/tag.ts';
import { nameJob } from '../../lib/cli/job-argument.ts';
import { createProgram, runCommandLine } from '../../lib/cli/program.ts';
import { JobRequest, TagRequest } from '../../lib/service-model/model.ts';
import { check } from '../../lib/service-model/validation.ts';
import { TrackerError } from '../../lib/domain/errors.ts';
import { testContext } from '../support/command-context.ts';
import { checkMessage, fuzz, refuseHuge } from './support/harness.ts';
import { hostileText, mutatedText, weighted } from './support/inputs.ts';

const NOW = new Date('2026-08-10T12:00:00.000Z');
const deps = { loadHandlers: () => Promise.reject(new Error('nothing is to be run')) };

interface Flag {
  readonly command: string;
  readonly option: Option;
}
const flagsOf = (command: Command): Flag[] => [
  ...command.options
    .filter(({ parseArg }) => parseArg !== undefined)
    .map((option) => ({ command: command.name(), option })),
  ...command.commands.flatMap(flagsOf),
];
/** Every option of every command that reads its value. */
const FLAGS = flagsOf(createProgram(testContext().context, deps));

// prettier-ignore
const VALID = [
  '7d', '30min', '2026-11-21', '2026-11-21T04:36:24Z', '2026-11-21T04:36:24.5+05:30', '10s', '1.5h', '2', '500', '0',
  '111122223333', 'us-east-1', 'team:ml', 'Completed', 'fine-tuning', 'completed,failed', 'us-east-1,us-west-2', '/a/b',
  '111122223333#us-east-1,111122223333#us-west-2', 'arn:aws:sqs:us-east-1:111122223333:name', '0.5', 'jobs.parquet',
];
const values = weighted([3, mutatedText(VALID)], [1, hostileText]);

const isOfCommander = (error: Error): boolean => error instanceof CommanderError;

/** A value as commands use it: a time that an age is of. */
const used = (value: unknown): unknown =>
  typeof value === 'function' ? (value as (now: Date) => unknown)(NOW) : value;

const checkValue = (value: unknown, text: string): void => {
  if (typeof value === 'number') expect(Number.isFinite(value)).toBe(true);
  if (!(value instanceof Date)) return;
  expect(value.getTime()).not.toBeNaN();
  // A day that there is none of would silently be another.
  if (/^\d{4}-\d\d-\d\d/.test(text) && !/[+-]\d\d:\d\d$/.test(text))
    expect(value.toISOString().slice(0, 10)).toBe(text.slice(0, 10));
};

describe('the values of flags', () => {
  fuzz({
    parser: 'CLI flags',
    inputs: fc.tuple(fc.constantFrom(...FLAGS.keys()), values),
    parse: ([which, text]) => used(FLAGS[which]?.option.parseArg?.(text, FLAGS[which].option.defaultValue)),
    isRefusal: isOfCommander,
    check: (value, [, text]) => checkValue(value, text),
  });

  fuzz({
    parser: 'CLI arguments',
    inputs: fc.tuple(
      fc.constantFrom('tags', 'keys', 'job'),
      fc.array(fc.oneof(hostileText, mutatedText(['team=ml', 'a=', 'support-triage-7'])), {
        minLength: 1,
        maxLength: 3,
      }),
    ),
    parse: async ([what, texts]) => {
      if (what === 'tags') return { tags: tagsOf(texts) };
      if (what === 'keys') return { keys: keysOf(texts) };
      const jobs = { getJob: () => Promise.resolve({ job: undefined, readUnits: 1, requests: 1 }) };
      return { named: await nameJob({ jobs, region: 'us-east-1', tableName: 'jobs' } as never, texts[0] ?? '') };
    },
    codes: ['BAD_REQUEST', 'JOB_NOT_FOUND'],
    mayHaveLines: true,
    check: ({ tags, keys, named }) => {
      const resourceARN =
        'arn:aws:bedrock:us-east-1:111122223333:model-customization-job/amazon.nova-lite-v1:0:300k/abcdefghwxyz';
      if (tags !== undefined) expect(check(TagRequest, { resourceARN, tags }).problems).toBeUndefined();
      if (keys !== undefined) expect(new Set(keys).size).toBe(keys.length);
      if (named !== undefined)
        expect(check(JobRequest, { jobIdentifier: named.jobIdentifier }).problems).toBeUndefined();
    },
  });

  const ofFlag = (name: string) => FLAGS.find(({ option }) => option.long === name)?.option;
  // No system takes a longer command line.
  const long = 'a'.repeat(2_000_000);
  refuseHuge(
    'the value of a flag',
    Object.fromEntries(
      ['--created-after', '--scopes', '--regions', '--until', '--parameter-prefix', '--region', '--type'].flatMap(
        (name) => [
          [`2 MB as ${name}`, () => ofFlag(name)?.parseArg?.(long, undefined)],
          [`2 MB of marks as ${name}`, () => ofFlag(name)?.parseArg?.('-a,/'.repeat(500_000), undefined)],
        ],
      ),
    ),
    { isRefusal: isOfCommander },
  );
  refuseHuge(
    'an argument',
    {
      'a tag of 4 MB': () => tagsOf([`${long}=${long}`]),
      'a key of 2 MB': () => keysOf(['-'.repeat(2_000_000)]),
      '20,000 keys': () => keysOf(Array.from({ length: 20_000 }, (_, n) => `\u001b${n}`)),
    },
    { mayHaveLines: true, longest: 20_000 },
  );
});

// prettier-ignore
const COMMANDS = [
  'list', 'show', 'wait', 'create', 'stop', 'tag', 'sweep', 'metrics', 'export', 'stats', 'history', 'redrive', 'nosuch',
];
const words = weighted<readonly string[]>(
  [1, fc.constantFrom(['--help'], ['list', '--help'], ['help', 'export'])],
  [
    9,
    fc.array(
      fc.oneof(
        fc.constantFrom(...COMMANDS, '--json', '--dry-run', '--limit', '--status', '--spec', '--', '-x'),
        fc.constantFrom(...FLAGS.map(({ option }) => option.long ?? '')),
        values,
      ),
      { maxLength: 5 },
    ),
  ],
);

/** What a whole command line says; nothing is connected to. */
const say = async (argv: readonly string[]): Promise<string> => {
  const { context, told, printed } = testContext();
  const refuse = () => Promise.reject(new TrackerError('TRACKER_NOT_FOUND', 'There is no tracker here.'));
  const code = await runCommandLine(argv, { ...context, connect: refuse }, deps);
  if (code !== 0) throw new Said(told.join('\n'));
  return printed.join('\n');
};

class Said extends Error {}

describe('a command line', () => {
  fuzz({
    parser: 'CLI command line',
    // What completes is a package of ES modules alone, which Jest cannot load; test/integration/cli runs it for real.
    inputs: words.filter((argv: readonly string[]) => !argv.includes('complete') && !argv.includes('completion')),
    parse: say,
    isRefusal: (error) => error instanceof Said && !error.message.includes('mistake in bedrock-jobs'),
    longest: 20_000,
    mayHaveLines: true,
    check: (text) => (text === '' ? undefined : checkMessage(text, 200_000, true)),
  });
});
