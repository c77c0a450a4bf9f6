import { afterEach, describe, expect, it } from '@jest/globals';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb';
import { rememberRequests, requestOf } from '../../../lib/operator/aws-request.ts';
import { sentenceOf } from '../../../lib/operator/aws-sentences.ts';
import { TrackerError } from '../../../lib/domain/errors.ts';
import { jsonAnswer, serve, type HttpAnswer, type HttpServer } from '../../support/integration/http.ts';

const servers: HttpServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
  delete process.env['AWS_ENDPOINT_URL_DYNAMODB'];
  delete process.env['AWS_ENDPOINT_URL_SSM'];
});

const refusing = async (service: string, answer: HttpAnswer): Promise<void> => {
  const server = await serve(() => Promise.resolve(answer));
  servers.push(server);
  process.env[`AWS_ENDPOINT_URL_${service}`] = server.url;
};

/** What a read of the table ends with, as the SDK throws it. */
const readTable = async (answer: HttpAnswer): Promise<Error> => {
  await refusing('DYNAMODB', answer);
  const client = rememberRequests(
    DynamoDBDocumentClient.from(new DynamoDBClient({ region: 'us-east-1', maxAttempts: 1 })),
  );
  const error: unknown = await client
    .send(new GetCommand({ TableName: 'jobs', Key: { job_arn: 'x' } }))
    .catch((reason: unknown) => reason);
  client.destroy();
  return error as Error;
};

const awsError = (type: string, message = ''): HttpAnswer => jsonAnswer(400, { __type: type, message });

const said = (error: unknown) => {
  const { code, message } = sentenceOf(error) as TrackerError;
  return [code, message];
};

describe('an error of DynamoDB becomes a sentence with the next step', () => {
  it.each<[string, HttpAnswer, string, RegExp]>([
    [
      'no table',
      awsError('ResourceNotFoundException', 'Requested resource not found'),
      'TRACKER_NOT_FOUND',
      /^There is no table jobs in us-east-1\. Is the tracker deployed in this Region\? Give --region, or .* --table\.$/,
    ],
    [
      'no permission, with what AWS tells',
      awsError(
        'AccessDeniedException',
        'User: arn:aws:iam::123456789012:user/x is not authorized to perform: dynamodb:GetItem on resource: ' +
          'arn:aws:dynamodb:us-east-1:123456789012:table/jobs because no identity-based policy allows the dynamodb:GetItem action',
      ),
      'AWS_REFUSED',
      /^You may not use dynamodb:GetItem on arn:aws:dynamodb:us-east-1:123456789012:table\/jobs, because no identity-based policy allows the dynamodb:GetItem action\. docs\/permissions\.md/,
    ],
    [
      'no permission, where AWS tells nothing',
      awsError('AccessDeniedException', 'No.'),
      'AWS_REFUSED',
      /^You may not call DynamoDB's GetItem on jobs in us-east-1 \(No\.\)\. docs\/permissions\.md/,
    ],
    [
      'throttling, after several attempts',
      awsError('ProvisionedThroughputExceededException', 'slow down'),
      'THROTTLED',
      /^DynamoDB throttles the requests in us-east-1 \(ProvisionedThroughputExceededException\), also when they are repeated\. Try again/,
    ],
    [
      'another table',
      awsError('ValidationException', 'The table does not have the specified index: by-scope'),
      'TRACKER_NOT_FOUND',
      /^Table jobs in us-east-1 is not the jobs table of a tracker of this version/,
    ],
    [
      'expired credentials',
      awsError('ExpiredTokenException', 'The security token included in the request is expired'),
      'NO_CREDENTIALS',
      /^AWS did not accept the credentials \(ExpiredTokenException\)\. Sign in/,
    ],
    [
      'anything else',
      awsError('ValidationException', 'two\nlines'),
      'AWS_REFUSED',
      /^DynamoDB refused GetItem in us-east-1 \(ValidationException: two lines\)\.$/,
    ],
  ])('%s', async (_, answer, code, sentence) => {
    const error = await readTable(answer);
    expect(said(error)).toEqual([code, expect.stringMatching(sentence)]);
    expect((sentenceOf(error) as TrackerError).cause).toBe(error);
  });
});

describe('other errors', () => {
  it('a parameter that is not there names it and the ways to find a tracker', async () => {
    await refusing('SSM', awsError('ParameterNotFound'));
    const client = rememberRequests(new SSMClient({ region: 'eu-west-1' }));
    const error: unknown = await client
      .send(new GetParameterCommand({ Name: '/ml/jobs-table-name' }))
      .catch((reason: unknown) => reason);
    client.destroy();
    expect(said(error)).toEqual([
      'TRACKER_NOT_FOUND',
      expect.stringMatching(
        /^There is no SSM parameter \/ml\/jobs-table-name in eu-west-1\. .*--parameter-prefix.*--table.*--local/,
      ),
    ]);
  });

  it.each<[string, string, string, RegExp]>([
    [
      'CredentialsProviderError',
      'Could not load credentials from any providers',
      'NO_CREDENTIALS',
      /^No AWS credentials were found\. Sign in/,
    ],
    [
      'CredentialsProviderError',
      'The SSO session associated with this profile has expired. To refresh this SSO session run aws sso login with the corresponding profile.',
      'NO_CREDENTIALS',
      /^AWS credentials could not be loaded: The SSO session .* has expired\..*profile\. Sign in/,
    ],
    ['Error', 'Region is missing', 'TRACKER_NOT_FOUND', /^No Region is set: give one with --region/],
    [
      'Error',
      'getaddrinfo ENOTFOUND dynamodb.us-est-1.amazonaws.com',
      'AWS_UNREACHABLE',
      /^AWS could not be reached \(getaddrinfo/,
    ],
    ['TimeoutError', 'x', 'AWS_UNREACHABLE', /^AWS did not answer in time\. Try again\.$/],
  ])('%s: %s', (name, message, tracker, sentence) => {
    const code = /E[A-Z]{5,}/.exec(message)?.[0];
    const error = Object.assign(new Error(message), { name, ...(code !== undefined && { code }) });
    expect(said(error)).toEqual([tracker, expect.stringMatching(sentence)]);
  });

  it.each([
    ['a mistake of the program', new TypeError('x is not a function')],
    ['a file that is not there', Object.assign(new Error('ENOENT: no such file'), { code: 'ENOENT', syscall: 'open' })],
    ['one that has its sentence', new TrackerError('BAD_REQUEST', 'x')],
    ['no error at all', 'x'],
  ])('%s stays as it is', (_, error) => {
    expect(sentenceOf(error)).toBe(error);
  });
});

describe('a client that remembers its requests', () => {
  it('throws the error that it would throw anyway, so that callers find it by its name', async () => {
    const error = await readTable(awsError('ResourceNotFoundException', 'gone'));
    expect(error).toMatchObject({ name: 'ResourceNotFoundException', message: 'gone' });
    expect(requestOf(error)).toMatchObject({ service: 'DynamoDB', resource: 'jobs', region: 'us-east-1' });
  });
});
