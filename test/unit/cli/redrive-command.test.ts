import { beforeEach, describe, expect, it } from '@jest/globals';
import {
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListMessageMoveTasksCommand,
  SQSClient,
  StartMessageMoveTaskCommand,
  type ListMessageMoveTasksResultEntry,
} from '@aws-sdk/client-sqs';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { mockClient } from 'aws-sdk-client-mock';
import { runCommandLine } from '../../../lib/cli/program.ts';
import { testContext } from '../../support/command-context.ts';

const ARN = 'arn:aws:sqs:us-west-2:111122223333:dead-letters';
const URL = 'https://sqs.us-west-2.amazonaws.com/111122223333/dead-letters';

const sqs = mockClient(SQSClient);
const ssm = mockClient(SSMClient);

beforeEach(() => {
  sqs.reset();
  ssm.reset();
});

/** A queue in which so many messages wait, one count after the other, and whose latest move changes likewise. */
const queueWith = (
  counts: readonly number[],
  moves: readonly (ListMessageMoveTasksResultEntry | undefined)[],
): void => {
  ssm.on(GetParameterCommand).resolves({ Parameter: { Value: ARN } });
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
  const { context, printed, told } = testContext();
  const waits: number[] = [];
  const code = await runCommandLine(['redrive', ...argv], context, {
    loadHandlers: () => Promise.reject(new Error('redrive runs no handler')),
    wait: (ms) => {
      waits.push(ms);
      return Promise.resolve();
    },
  });
  return { code, lines: printed, told, waits };
};

const awsError = (name: string, message = '') => Object.assign(new Error(message), { name, $metadata: {} });

describe('bedrock-jobs redrive', () => {
  it('moves every message back, follows the move to its end, and says what is left', async () => {
    queueWith([3, 1], [undefined, undefined, move('RUNNING', 1), move('COMPLETED', 3)]);
    expect(await run()).toEqual({
      code: 0,
      told: ['1 message moved so far. SQS goes on by itself if you stop this command.'],
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

  it('asks the parameter of the prefix, in the Region that is asked for', async () => {
    queueWith([0], [undefined]);
    await run('--parameter-prefix', '/ml/tracker', '--region', 'eu-west-1');
    const [call] = ssm.commandCalls(GetParameterCommand);
    expect(call?.args[0].input).toEqual({ Name: '/ml/tracker/job-events-dead-letter-queue-arn' });
    expect(await (call?.thisValue as SSMClient).config.region()).toBe('eu-west-1');
  });

  it('asks the Region of the queue, which --queue-arn names', async () => {
    queueWith([0], [undefined]);
    await run('--queue-arn', ARN);
    expect(ssm.calls()).toEqual([]);
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
  ])('prints one line of JSON and nothing else: %s', async (outcome, flags, counts, moves, numbers) => {
    queueWith(counts, moves);
    const { lines } = await run('--json', ...flags);
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([{ outcome, queueArn: ARN, ...numbers }]);
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
    await failing(1, /is running already.*aws sqs list-message-move-tasks --source-arn arn:aws:sqs/);
  });

  it('a move that somebody else started at the same moment', async () => {
    queueWith([3], [undefined]);
    sqs.on(StartMessageMoveTaskCommand).rejects(awsError('UnsupportedOperation', 'There is already a task running.'));
    await failing(1, /is running already/);
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

  it.each<[string, string, number, RegExp]>([
    ['CredentialsProviderError', '', 2, /^No AWS credentials were found\. Sign in/],
    ['ExpiredTokenException', '', 2, /did not accept the credentials \(ExpiredTokenException\)\. Sign in/],
    ['UnrecognizedClientException', '', 2, /did not accept the credentials/],
    ['ParameterNotFound', '', 1, /no SSM parameter \/bedrock-job-tracker\/\S+ in us-east-1\. Is the tracker deployed/],
    ['AccessDeniedException', '', 1, /may not read or redrive \/bedrock-job-tracker\/.*ssm:GetParameter/],
    ['InternalServerError', 'two\nlines', 1, /could not be asked \(InternalServerError: two lines\)\. Try again/],
  ])('SSM answers %s', async (name, message, code, sentence) => {
    ssm.on(GetParameterCommand).rejects(awsError(name, message));
    await failing(code, sentence);
  });

  it.each<[string, string, RegExp]>([
    ['QueueDoesNotExist', '', /no queue arn:aws:sqs:\S+ in us-west-2\. Was the tracker removed/],
    ['AccessDenied', 'not for you', /may not read or redrive arn:aws:sqs.*\(not for you\)\. .*StartMessageMoveTask/],
    ['KmsAccessDenied', '', /kms:Decrypt/],
    [
      'InvalidParameterValue',
      'Source queue must be configured as a Dead Letter Queue.',
      /dead-letter queue of no queue/,
    ],
  ])('SQS answers %s', async (name, message, sentence) => {
    sqs.on(GetQueueUrlCommand).rejects(awsError(name, message));
    await failing(1, sentence, '--queue-arn', ARN);
  });

  it('a Region that nobody named', async () => {
    ssm.on(GetParameterCommand).rejects(new Error('Region is missing'));
    await failing(1, /give one with --region/);
  });

  it('an error of the program, which is called one', async () => {
    ssm.on(GetParameterCommand).rejects(new TypeError('x is not a function'));
    await failing(1, /^This is a mistake in bedrock-jobs itself \(TypeError: x is not a function\)/);
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
    expect([...sqs.calls(), ...ssm.calls()]).toEqual([]);
  });
});
