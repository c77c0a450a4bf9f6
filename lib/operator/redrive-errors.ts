import { TrackerError } from '../domain/errors.ts';
import { callerProblem, inOneLine, sentenceOf } from './aws-sentences.ts';

/** What AWS was asked for, for the sentence. */
export interface Asked {
  /** The queue's ARN, or the parameter's name. */
  readonly what: string;
  readonly region: () => Promise<string>;
}

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-configure-dead-letter-queue-redrive.html */
const PERMISSIONS =
  'It takes ssm:GetParameter on the parameter; sqs:GetQueueUrl, GetQueueAttributes, ListMessageMoveTasks, ' +
  'StartMessageMoveTask, ReceiveMessage and DeleteMessage on the dead-letter queue; and sqs:SendMessage on the queue ' +
  'of events. With a customer managed key it also takes kms:Decrypt and kms:GenerateDataKey.';

/** What redriving adds to the rules about AWS's errors: what its permissions, its parameter and its queue are. */
const sentence = (error: Error, what: string, where: string): string | undefined => {
  const { name, message } = error;
  if (/AccessDenied/i.test(name))
    return `You may not read or redrive ${what} in ${where} (${inOneLine(message)}). ${PERMISSIONS}`;
  if (name === 'ParameterNotFound')
    return (
      `There is no SSM parameter ${what} in ${where}. Is the tracker deployed in this Region, and under this ` +
      'prefix? Give --region and --parameter-prefix, or the queue itself by --queue-arn.'
    );
  if (/QueueDoesNotExist|NonExistentQueue|ResourceNotFound/.test(name))
    return `There is no queue ${what} in ${where}. Was the tracker removed, or deployed anew?`;
  if (/already.*(task|move)|(task|move).*already/i.test(message)) return alreadyMoving(what);
  if (/dead.?letter/i.test(message)) return `${what} is the dead-letter queue of no queue: ${inOneLine(message)}`;
  return undefined;
};

/**
 * What a person can do about an error of SQS or SSM; errors that are neither AWS's nor the network's come back as they
 * are.
 */
export const redriveError = async (error: Error, { what, region }: Asked): Promise<unknown> => {
  if (error instanceof TrackerError || callerProblem(error) !== undefined) return sentenceOf(error);
  const where = await region();
  const own = sentence(error, what, where);
  if (own !== undefined) return new TrackerError('REDRIVE_FAILED', own, { cause: error });
  const general = sentenceOf(error);
  if (!(general instanceof TrackerError)) return general;
  return general.code === 'AWS_REFUSED'
    ? new TrackerError(
        'REDRIVE_FAILED',
        `${what} in ${where} could not be asked (${error.name}: ${inOneLine(error.message)}). Try again.`,
        { cause: error },
      )
    : general;
};

/** SQS knows one move of a queue at a time. */
export const alreadyMoving = (arn: string): string =>
  `A move out of this queue is running already. Wait for its end, which this command shows when started again, or ` +
  `look at it: aws sqs list-message-move-tasks --source-arn ${arn}`;
