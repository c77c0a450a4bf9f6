import { TrackerError } from '../domain/errors.ts';

/** What AWS was asked for, for the sentence. */
export interface Asked {
  /** The queue's ARN, or the parameter's name. */
  readonly what: string;
  readonly region: () => Promise<string>;
}

const NO_CREDENTIALS = /^(CredentialsProviderError|TokenProviderError)$/;
const REFUSED_CREDENTIALS =
  /^(ExpiredToken|InvalidClientTokenId|UnrecognizedClient|InvalidAccessKeyId|SignatureDoesNotMatch|InvalidSignature)/;
const SIGN_IN =
  'Sign in (for example with "aws sso login"), or set AWS_PROFILE or AWS_ACCESS_KEY_ID, then start again.';

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-configure-dead-letter-queue-redrive.html */
const PERMISSIONS =
  'It takes ssm:GetParameter on the parameter; sqs:GetQueueUrl, GetQueueAttributes, ListMessageMoveTasks, ' +
  'StartMessageMoveTask, ReceiveMessage and DeleteMessage on the dead-letter queue; and sqs:SendMessage on the queue ' +
  'of events. With a customer managed key it also takes kms:Decrypt and kms:GenerateDataKey.';

/**
 * What a person can do about an error of SQS or SSM; errors that are neither AWS's nor the network's come back as they
 * are.
 */
export const sentenceOf = async (error: Error, { what, region }: Asked): Promise<Error> => {
  if (error instanceof TrackerError) return error;
  const { name, message } = error;
  const failed = (text: string) => new TrackerError('REDRIVE_FAILED', text, { cause: error });
  if (NO_CREDENTIALS.test(name))
    return new TrackerError('NO_CREDENTIALS', `No AWS credentials were found. ${SIGN_IN}`, { cause: error });
  if (REFUSED_CREDENTIALS.test(name))
    return new TrackerError('NO_CREDENTIALS', `AWS did not accept the credentials (${name}). ${SIGN_IN}`, {
      cause: error,
    });
  if (message === 'Region is missing') return failed('No Region is set: give one with --region.');
  const where = await region();
  if (/AccessDenied/i.test(name))
    return failed(`You may not read or redrive ${what} in ${where} (${inOneLine(message)}). ${PERMISSIONS}`);
  if (name === 'ParameterNotFound')
    return failed(
      `There is no SSM parameter ${what} in ${where}. Is the tracker deployed in this Region, and under this ` +
        'prefix? Give --region and --parameter-prefix, or the queue itself by --queue-arn.',
    );
  if (/QueueDoesNotExist|NonExistentQueue|ResourceNotFound/.test(name))
    return failed(`There is no queue ${what} in ${where}. Was the tracker removed, or deployed anew?`);
  if (/already.*(task|move)|(task|move).*already/i.test(message)) return failed(alreadyMoving(what));
  if (/dead.?letter/i.test(message))
    return failed(`${what} is the dead-letter queue of no queue: ${inOneLine(message)}`);
  if (!isAwsOrNetwork(error)) return error;
  return failed(`${what} in ${where} could not be asked (${name}: ${inOneLine(message)}). Try again.`);
};

/** SQS knows one move of a queue at a time. */
export const alreadyMoving = (arn: string): string =>
  `A move out of this queue is running already. Wait for its end, which this command shows when started again, or ` +
  `look at it: aws sqs list-message-move-tasks --source-arn ${arn}`;

const isAwsOrNetwork = (error: Error): boolean => '$metadata' in error || 'code' in error || 'errno' in error;
const inOneLine = (text: string): string => text.replace(/\s+/g, ' ').slice(0, 200);
