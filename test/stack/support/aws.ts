/** What a check calls AWS with: SDK clients, and the AWS CLI. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { BedrockClient } from '@aws-sdk/client-bedrock';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { PARAMETER_PREFIX } from '../../../lib/contract.ts';
import { deployedStack, environmentOf } from './stack.ts';
import { setTimeout as pause } from 'node:timers/promises';

export const stack = deployedStack();

/** Clients of an account and Region; without them, of the stack's. */
export const clientsOf = ({ account = stack.account, region = stack.region }: Place = {}) => {
  const common = { region, credentials: { accessKeyId: account, secretAccessKey: 'test' } };
  const emulated = { ...common, endpoint: stack.endpoint };
  return {
    bedrock: new BedrockClient({ ...common, endpoint: stack.bedrockUrl }),
    table: DynamoDBDocumentClient.from(new DynamoDBClient(emulated)),
    events: new EventBridgeClient(emulated),
    queues: new SQSClient(emulated),
    topics: new SNSClient(emulated),
  };
};
export const { bedrock, table, events, queues, topics } = clientsOf();

const run = promisify(execFile);

/** An account and Region other than the stack's, for who works there. */
export interface Place {
  readonly account?: string;
  readonly region?: string;
}

/** Runs a program of the Python that has boto3 and the AWS CLI. The answer is what it prints. */
export const python = async (words: readonly string[], place: Place = {}): Promise<string> => {
  const { stdout } = await run(stack.python, words, {
    env: environmentOf({ ...stack, ...place }),
    maxBuffer: 2 ** 24,
  });
  return stdout;
};

/** Runs the AWS CLI in an account and Region. The answer is its JSON. */
export const awsIn = async <T = Record<string, unknown>>(place: Place, ...words: readonly string[]): Promise<T> => {
  const text = await python(['-m', 'awscli', '--output', 'json', ...words], place);
  return (text.trim() === '' ? {} : JSON.parse(text)) as T;
};

/** Runs the AWS CLI where the stack is. The answer is its JSON. */
export const aws = <T = Record<string, unknown>>(...words: readonly string[]): Promise<T> => awsIn<T>({}, ...words);

/** The value of an SSM parameter. */
export const parameterOf = async (name: string, place: Place = {}): Promise<string> => {
  const words = ['ssm', 'get-parameter', '--name', name];
  return (await awsIn<{ Parameter: { Value: string } }>(place, ...words)).Parameter.Value;
};

/** All parameters of the tracker with the default prefix. */
export const parametersOf = async (place: Place = {}): Promise<Readonly<Record<string, string>>> => {
  const words = ['ssm', 'get-parameters-by-path', '--path', PARAMETER_PREFIX];
  const { Parameters } = await awsIn<{ Parameters: { Name: string; Value: string }[] }>(place, ...words);
  return Object.fromEntries(Parameters.map(({ Name, Value }) => [Name, Value]));
};

/** What a function answers. */
export const invoke = async (name: string, payload: object, place: Place = {}): Promise<unknown> => {
  const file = path.join(stack.folder, 'answer.json');
  const { FunctionError } = await awsIn<{ FunctionError?: string }>(
    place,
    ...['lambda', 'invoke', '--function-name', name, '--payload', JSON.stringify(payload), file],
  );
  const answer = readFileSync(file, 'utf8');
  if (FunctionError !== undefined) throw new Error(`${name} failed: ${answer}`);
  return JSON.parse(answer);
};

/** An output of the stack. */
export const output = (name: string): string => {
  const value = stack.outputs[name];
  if (value === undefined)
    throw new Error(`The stack has no output ${name}, but ${Object.keys(stack.outputs).join()}.`);
  return value;
};

/** Looks until there is something, or a deadline. What the last look threw is told. */
export const eventually = async <T>(
  what: string,
  look: () => Promise<T | undefined> | T | undefined,
  seconds = 20,
): Promise<T> => {
  let last: unknown = 'it was not there';
  const end = Date.now() + seconds * 1000;
  while (Date.now() < end) {
    try {
      const found = await look();
      if (found !== undefined) return found;
      last = 'it was not there';
    } catch (error) {
      last = error;
    }
    await pause(50);
  }
  throw new Error(`Not within ${seconds} s: ${what}`, { cause: last });
};
