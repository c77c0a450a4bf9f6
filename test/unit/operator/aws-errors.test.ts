import { afterEach, describe, expect, it } from '@jest/globals';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb';
import { type AwsRequest, explain, rememberRequests, sentenceOf } from '../../../lib/operator/aws-errors.ts';
import { TrackerError } from '../../../lib/domain/errors.ts';
import { awsError } from '../../support/sdk-answers.ts';
import { type HttpAnswer, type HttpServer, jsonAnswer, serve } from '../../support/integration/http.ts';

const servers: HttpServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
  for (const service of ['DYNAMODB', 'SSM', 'S3']) Reflect.deleteProperty(process.env, `AWS_ENDPOINT_URL_${service}`);
});

const explained = (error: unknown) => {
  const { code, message, cause } = explain(error) as TrackerError;
  expect(cause).toBe(error);
  return [code, message];
};

const CREATE: AwsRequest = { service: 'Bedrock', operation: 'CreateModelCustomizationJob', resource: 'tone' };
const STOP: AwsRequest = { service: 'Bedrock', operation: 'StopModelCustomizationJob', resource: 'tone' };
const GET_ITEM: AwsRequest = { service: 'DynamoDB', operation: 'GetItem', resource: 'jobs' };
const GET_OBJECT: AwsRequest = { service: 'S3', operation: 'GetObject', resource: 's3://acme/x.csv' };
const LIST_OBJECTS: AwsRequest = { service: 'S3', operation: 'ListObjectsV2', resource: 's3://acme/out/' };
const PARAMETER: AwsRequest = { service: 'SSM', operation: 'GetParameter', resource: '/ml/jobs-table-name' };
const QUEUE: AwsRequest = { service: 'SQS', operation: 'GetQueueUrl', resource: 'dead-letters' };
const MOVE: AwsRequest = { service: 'SQS', operation: 'StartMessageMoveTask', resource: 'arn:aws:sqs:x' };
const INVOKE: AwsRequest = { service: 'Lambda', operation: 'Invoke', resource: 'reconcile' };

const DENIED =
  'User: arn:aws:iam::123456789012:user/x is not authorized to perform: dynamodb:GetItem on resource: ' +
  'arn:aws:dynamodb:us-east-1:123456789012:table/jobs because no identity-based policy allows the dynamodb:GetItem action';

describe('an error of AWS becomes a sentence with the next step', () => {
  it.each<[AwsRequest | undefined, string, string, string, RegExp]>([
    // Credentials and Region.
    [
      undefined,
      'CredentialsProviderError',
      'Could not load credentials from any providers',
      'NO_CREDENTIALS',
      /^No AWS credentials were found\. Sign in/,
    ],
    [
      undefined,
      'CredentialsProviderError',
      'The SSO session of this profile has expired.',
      'NO_CREDENTIALS',
      /^AWS credentials could not be loaded: The SSO session of this profile has expired\. Sign in/,
    ],
    [
      GET_ITEM,
      'ExpiredTokenException',
      'The security token is expired',
      'NO_CREDENTIALS',
      /^AWS did not accept the credentials \(ExpiredTokenException\)\. AWS says: The security token is expired\. Sign in/,
    ],
    [undefined, 'Error', 'Region is missing', 'TRACKER_NOT_FOUND', /^No Region is set: give one with --region/],
    // Bedrock.
    [
      CREATE,
      'AccessDeniedException',
      'User: arn:aws:iam::1:user/x is not authorized to perform: iam:PassRole on resource: arn:aws:iam::1:role/r',
      'AWS_REFUSED',
      /^You may not pass the job's role to Bedrock in us-east-1: your identity needs iam:PassRole on it/,
    ],
    [
      CREATE,
      'ServiceQuotaExceededException',
      'Too many jobs',
      'AWS_REFUSED',
      /^Bedrock in us-east-1 accepts no further job now: Too many jobs\. Wait until an active job has finished/,
    ],
    [
      CREATE,
      'ConflictException',
      'The token was used',
      'AWS_REFUSED',
      /earlier request that conflicts with tone: The token was used\. A token stands for one request/,
    ],
    [
      CREATE,
      'ValidationException',
      'The provided job name is currently in use.',
      'AWS_REFUSED',
      /refused tone: The provided job name is currently in use\. Choose other names: Bedrock keeps every job/,
    ],
    [
      CREATE,
      'ValidationException',
      'Could not assume provided IAM role',
      'AWS_REFUSED',
      /trust policy must let bedrock\.amazonaws\.com assume it/,
    ],
    [
      CREATE,
      'ValidationException',
      'no \u001bsuch model',
      'AWS_REFUSED',
      /^Bedrock in us-east-1 refused tone: no such model\.$/,
    ],
    [
      CREATE,
      'ResourceNotFoundException',
      'No model x',
      'AWS_REFUSED',
      /does not have something that tone names: No model x\.$/,
    ],
    [STOP, 'ConflictException', 'Busy', 'AWS_REFUSED', /^Bedrock in us-east-1 refused to change tone now: Busy\.$/],
    [
      STOP,
      'TooManyTagsException',
      'At most 50',
      'AWS_REFUSED',
      /^tone cannot have so many tags: At most 50\. Remove some/,
    ],
    [
      STOP,
      'ResourceNotFoundException',
      '',
      'JOB_NOT_FOUND',
      /^Bedrock has no customization job tone in us-east-1\. If it is in another Region, give its full ARN\.$/,
    ],
    // S3.
    [
      GET_OBJECT,
      'AccessDenied',
      'No',
      'ACCESS_DENIED',
      /You may not read s3:\/\/acme\/x\.csv: No\. You need s3:GetObject;/,
    ],
    [LIST_OBJECTS, 'AccessDenied', 'No', 'ACCESS_DENIED', /You need s3:ListBucket;/],
    [
      GET_OBJECT,
      'AccessDenied',
      'not authorized to perform: kms:Decrypt',
      'ACCESS_DENIED',
      /You need kms:Decrypt on the bucket's key/,
    ],
    [LIST_OBJECTS, 'NoSuchBucket', 'No', 'NO_LOSS_CURVE', /^The bucket of s3:\/\/acme\/out\/ does not exist/],
    [GET_OBJECT, 'NoSuchKey', 'No', 'NO_LOSS_CURVE', /was deleted while it was read/],
    [GET_OBJECT, 'InvalidObjectState', 'No', 'NO_LOSS_CURVE', /is archived\. Restore it/],
    // The tracker's own parts.
    [
      GET_ITEM,
      'ResourceNotFoundException',
      'Requested resource not found',
      'TRACKER_NOT_FOUND',
      /^There is no table jobs in us-east-1\. Is the tracker deployed in this Region\? Give --region, or .* --table\.$/,
    ],
    [
      GET_ITEM,
      'ValidationException',
      'The table does not have the specified index: by-scope',
      'TRACKER_NOT_FOUND',
      /^Table jobs in us-east-1 lacks an index of version \d\S+: deploy the tracker again, or check/,
    ],
    [
      GET_ITEM,
      'ValidationException',
      'Cannot read from backfilling global secondary index: by-state',
      'AWS_REFUSED',
      /^Table jobs in us-east-1 is still building a new index\. Try again/,
    ],
    [
      PARAMETER,
      'ParameterNotFound',
      '',
      'TRACKER_NOT_FOUND',
      /^There is no SSM parameter \/ml\/jobs-table-name in us-east-1\. .*--parameter-prefix.*--table.*--local/,
    ],
    [
      QUEUE,
      'QueueDoesNotExist',
      '',
      'TRACKER_NOT_FOUND',
      /^There is no queue dead-letters in us-east-1\. Was the tracker removed/,
    ],
    [
      INVOKE,
      'ResourceNotFoundException',
      '',
      'TRACKER_NOT_FOUND',
      /^There is no function reconcile in us-east-1\. Was/,
    ],
    [
      MOVE,
      'UnsupportedOperation',
      'There is already a task running.',
      'REDRIVE_FAILED',
      /^A move .* is already running\./,
    ],
    [
      MOVE,
      'InvalidParameterValue',
      'Source queue must be configured as a Dead Letter Queue.',
      'REDRIVE_FAILED',
      /^arn:aws:sqs:x is not the dead-letter queue of any queue/,
    ],
    // Any service.
    [
      GET_ITEM,
      'AccessDeniedException',
      DENIED,
      'AWS_REFUSED',
      /^You may not use dynamodb:GetItem on arn:aws:dynamodb:us-east-1:123456789012:table\/jobs, because no identity-based policy allows the dynamodb:GetItem action\. https:\S+\/docs\/permissions\.md lists/,
    ],
    [
      GET_ITEM,
      'AccessDeniedException',
      'No.',
      'AWS_REFUSED',
      /^You may not call DynamoDB's GetItem on jobs in us-east-1 \(No\)\. https:\S+\/docs\/permissions\.md lists/,
    ],
    [
      GET_ITEM,
      'ProvisionedThroughputExceededException',
      'slow down',
      'THROTTLED',
      /^DynamoDB throttles requests in us-east-1 \(ProvisionedThroughputExceededException\), also repeated ones\. Try again/,
    ],
    [STOP, 'ThrottlingException', 'slow down', 'THROTTLED', /^Bedrock throttles requests/],
    [undefined, 'TimeoutError', 'x', 'AWS_UNREACHABLE', /^AWS did not answer in time\. Try again\.$/],
    [
      GET_ITEM,
      'ValidationException',
      'two\nlines',
      'AWS_REFUSED',
      /^DynamoDB refused GetItem in us-east-1 \(ValidationException\)\. AWS says: two lines\.$/,
    ],
  ])('%j: %s, %s', (request, name, message, code, sentence) => {
    expect(explained(awsError(name, message, request))).toEqual([code, expect.stringMatching(sentence)]);
  });

  it('so does one of the network, by its code', () => {
    const error = Object.assign(new Error('getaddrinfo ENOTFOUND dynamodb.us-est-1.amazonaws.com'), {
      code: 'ENOTFOUND',
    });
    expect(explained(error)).toEqual([
      'AWS_UNREACHABLE',
      expect.stringMatching(/^AWS could not be reached \(getaddrinfo/),
    ]);
  });

  it.each([
    ['a bug', new TypeError('x is not a function')],
    ['a file that is not there', Object.assign(new Error('ENOENT: no such file'), { code: 'ENOENT', syscall: 'open' })],
    ['an error that has its sentence', new TrackerError('BAD_REQUEST', 'x')],
    ['what is not an error', 'x'],
  ])('but %s stays as it is', (_, error) => {
    expect(explain(error)).toBe(error);
    expect(sentenceOf(error)).toBe(error instanceof Error ? error.message : error);
  });
});

describe('a client that remembers its requests', () => {
  const refusing = async (service: string, answer: HttpAnswer): Promise<void> => {
    const server = await serve(() => Promise.resolve(answer));
    servers.push(server);
    process.env[`AWS_ENDPOINT_URL_${service}`] = server.url;
  };
  const settings = { region: 'eu-west-1', maxAttempts: 1 };

  it('rejects with the error that it would reject with anyway, which is then told with what was asked', async () => {
    await refusing('DYNAMODB', jsonAnswer(400, { __type: 'ResourceNotFoundException', message: 'gone' }));
    const client = rememberRequests(DynamoDBDocumentClient.from(new DynamoDBClient(settings)));
    const error: unknown = await client
      .send(new GetCommand({ TableName: 'jobs', Key: { job_arn: 'x' } }))
      .catch((reason: unknown) => reason);
    client.destroy();
    expect(error).toMatchObject({ name: 'ResourceNotFoundException', message: 'gone' });
    expect(sentenceOf(error)).toMatch(/^There is no table jobs in eu-west-1\./);
  });

  it('names a parameter', async () => {
    await refusing('SSM', jsonAnswer(400, { __type: 'ParameterNotFound' }));
    const client = rememberRequests(new SSMClient(settings));
    const error: unknown = await client
      .send(new GetParameterCommand({ Name: '/ml/x' }))
      .catch((reason: unknown) => reason);
    client.destroy();
    expect(sentenceOf(error)).toMatch(/^There is no SSM parameter \/ml\/x in eu-west-1\./);
  });

  it('names an object by its address', async () => {
    const body = '<Error><Code>NoSuchKey</Code><Message>No</Message></Error>';
    await refusing('S3', { status: 404, headers: { 'content-type': 'application/xml' }, body });
    const client = rememberRequests(new S3Client({ ...settings, forcePathStyle: true }));
    const error: unknown = await client
      .send(new GetObjectCommand({ Bucket: 'acme', Key: 'out/x.csv' }))
      .catch((reason: unknown) => reason);
    client.destroy();
    expect(sentenceOf(error)).toBe('s3://acme/out/x.csv was deleted while it was read.');
  });
});
