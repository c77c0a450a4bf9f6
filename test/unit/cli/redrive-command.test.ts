import { beforeEach, describe, expect, it } from '@jest/globals';
import {
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListMessageMoveTasksCommand,
  SQSClient,
  StartMessageMoveTaskCommand,
  type ListMessageMoveTasksResultEntry,
} from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { PARAMETER } from '../../../lib/contract.ts';
import { runCommandLine } from '../../../lib/cli/program.ts';
import { awsError } from '../../support/sdk-answers.ts';
import { testContext } from '../../support/command-context.ts';

const ARN = 'arn:aws:sqs:us-west-2:111122223333:dead-letters';
const URL = 'https://sqs.us-west-2.amazonaws.com/111122223333/dead-letters';

const sqs = mockClient(SQSClient);

beforeEach(() => {
  sqs.reset();
});

/** A queue in which so many messages wait, one count after the other, and whose latest move changes likewise. */
const queueWith = (
  counts: readonly number[],
  moves: readonly (ListMessageMoveTasksResultEntry | undefined)[],
): void => {
  sqs.on(GetQueueUrlCommand).resolves({ QueueUrl: URL });
  const answers = sqs.on(GetQueueAttributesCommand);
  for (const count of counts) answers.resolvesOnce({ Attributes: { ApproximateNumberOfMessages: String(count) } });
  const lists = sqs.on(ListMessageMoveTasksCommand);
  for (const move of moves) lists.resolvesOnce({ Results: move ? [move] : [] });
  sqs.on(StartMessageMoveTaskCommand).resolves({ TaskHandle: 'handle' });
};

const move = (Status: string, moved: number, startedAt = 2000): ListMessageMoveTasksResultEntry => ({
  Status,
  ApproximateNumberOfMessagesMoved: moved,
  StartedTimestamp: startedAt,
});

const run = async (...argv: string[]) => {
  const { context, printed, told, connectedBy } = testContext({
    connection: {
      parameter: (name) => Promise.resolve(name === PARAMETER.jobEventsDeadLetterQueueArn ? ARN : ''),
      sqs: () => new SQSClient({ region: 'us-west-2' }),
    },
  });
  const waits: number[] = [];
  const code = await runCommandLine(['redrive', ...argv], context, {
    loadHandlers: () => Promise.reject(new Error('redrive runs no handler')),
    wait: (ms) => {
      waits.push(ms);
      return Promise.resolve();
    },
  });
  return { code, lines: printed, told, waits, connectedBy };
};

describe('bedrock-jobs redrive', () => {
  it('moves every message back, follows the move to its end, and says what is left', async () => {
    queueWith([3, 1], [undefined, undefined, move('RUNNING', 1), move('COMPLETED', 3)]);
    expect(await run()).toMatchObject({
      code: 0,
      told: ['1 message moved so far. SQS continues even if you stop this command.'],
      lines: [`Moved 3 messages. About 1 left in ${ARN}.`],
      waits: [2000, 2000, 2000],
    });
    expect(sqs.commandCalls(StartMessageMoveTaskCommand).map(({ args }) => args[0].input)).toEqual([
      { SourceArn: ARN },
    ]);
    expect(sqs.commandCalls(GetQueueUrlCommand)[0]?.args[0].input).toEqual({
      QueueName: 'dead-letters',
      QueueOwnerAWSAccountId: '111122223333',
    });
  });

  it('does not take the move before for its own', async () => {
    queueWith([3, 0], [move('FAILED', 0, 1000), move('FAILED', 0, 1000), move('COMPLETED', 3, 2000)]);
    expect(await run()).toMatchObject({ code: 0, lines: [`Moved 3 messages. About 0 left in ${ARN}.`] });
  });

  it('looks for the tracker that the flags name', async () => {
    queueWith([0], [undefined]);
    const { connectedBy } = await run('--parameter-prefix', '/ml/tracker', '--region', 'eu-west-1');
    expect(connectedBy).toMatchObject([{ parameterPrefix: '/ml/tracker', region: 'eu-west-1' }]);
  });

  it('asks the Region of the queue, which --queue-arn names', async () => {
    queueWith([0], [undefined]);
    expect((await run('--queue-arn', ARN)).connectedBy).toEqual([]);
    expect(await (sqs.commandCalls(GetQueueUrlCommand)[0]?.thisValue as SQSClient).config.region()).toBe('us-west-2');
  });

  it('moves no faster than asked', async () => {
    queueWith([3, 0], [undefined, move('COMPLETED', 3)]);
    await run('--max-per-second', '5');
    expect(sqs.commandCalls(StartMessageMoveTaskCommand)[0]?.args[0].input).toEqual({
      SourceArn: ARN,
      MaxNumberOfMessagesPerSecond: 5,
    });
  });

  it('only counts with --dry-run', async () => {
    queueWith([2], []);
    expect(await run('--dry-run')).toMatchObject({
      code: 0,
      lines: [`About 2 messages in ${ARN}.`, expect.stringContaining('docs/runbook.md')],
    });
    expect(sqs.commandCalls(StartMessageMoveTaskCommand)).toEqual([]);
  });

  it('has nothing to do where the queue is empty, which is no failure', async () => {
    queueWith([0], [move('COMPLETED', 3)]);
    expect(await run()).toMatchObject({ code: 0, lines: [`Nothing to redrive: ${ARN} is empty.`] });
    expect(sqs.commandCalls(StartMessageMoveTaskCommand)).toEqual([]);
  });

  it.each<[string, string[], number[], (ListMessageMoveTasksResultEntry | undefined)[], object]>([
    ['moved', [], [3, 1], [undefined, move('RUNNING', 1), move('COMPLETED', 3)], { waiting: 3, moved: 3, left: 1 }],
    ['empty', [], [0], [undefined], { waiting: 0, moved: 0, left: 0 }],
    ['counted', ['--dry-run'], [2], [], { waiting: 2, moved: 0, left: 2 }],
  ])('prints one JSON document and nothing else: %s', async (outcome, flags, counts, moves, numbers) => {
    queueWith(counts, moves);
    const { lines } = await run('--json', ...flags);
    expect(JSON.parse(lines.join('\n'))).toEqual({ outcome, queueArn: ARN, ...numbers });
  });
});

describe('bedrock-jobs redrive: what can fail ends with one sentence', () => {
  const failing = async (code: number, sentence: RegExp, ...argv: string[]) => {
    const { code: answered, lines, told } = await run(...argv);
    expect(told).toEqual([expect.stringMatching(sentence)]);
    expect([answered, lines]).toEqual([code, []]);
  };

  it('a move that is running already, whatever the count says', async () => {
    queueWith([0], [move('RUNNING', 3)]);
    await failing(1, /is already running.*aws sqs list-message-move-tasks --source-arn arn:aws:sqs/);
  });

  it('a move that somebody else started at the same moment', async () => {
    queueWith([3], [undefined]);
    sqs.on(StartMessageMoveTaskCommand).rejects(
      awsError('UnsupportedOperation', 'There is already a task running.', {
        service: 'SQS',
        operation: 'StartMessageMoveTask',
      }),
    );
    await failing(1, /is already running/);
  });

  it('a move that fails: the reason, and that the messages are still there', async () => {
    queueWith([3], [undefined, { ...move('FAILED', 1), FailureReason: 'CouldNotDetermineMessageSource' }]);
    await failing(1, /ended as FAILED with 1 moved: CouldNotDetermineMessageSource.*still in the dead-letter queue/);
  });

  it('a move that SQS never lists', async () => {
    queueWith([3], []);
    sqs.on(ListMessageMoveTasksCommand).resolves({ Results: [] });
    await failing(1, /SQS does not list it/);
  });

  it('a queue that is gone', async () => {
    sqs.on(GetQueueUrlCommand).rejects(awsError('QueueDoesNotExist', '', { service: 'SQS', resource: 'dead-letters' }));
    await failing(1, /^There is no queue dead-letters in us-east-1\. Was the tracker removed/);
  });

  it.each([
    ['--queue-arn', 'dead-letters'],
    ['--queue-arn', ARN, '--region', 'us-east-1'],
    ['--max-per-second', '501'],
    ['--max-per-second', '1.5'],
    ['--parameter-prefix', 'tracker/'],
    ['--force', '--now'],
  ])('misuse: %s %s', async (...argv) => {
    expect(await run(...argv)).toMatchObject({ code: 2, lines: [] });
    expect(sqs.calls()).toEqual([]);
  });
});
