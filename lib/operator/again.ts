/** A job like another one: its request, under names that are free. */
import {
  type BedrockClient,
  CreateModelCustomizationJobCommand,
  type CreateModelCustomizationJobCommandInput,
} from '@aws-sdk/client-bedrock';
import type { JobsClient } from '../client/requests.ts';
import { hasCode, TrackerError } from '../domain/errors.ts';
import type { JobRecord } from '../domain/record.ts';
import { isNameTaken } from './aws-errors.ts';
import { type CheckedRequest, createRequestOf, type ReadRequest, readRequest } from './spec/create-request.ts';
import { isObject, joinPath } from './spec/document.ts';
import type { RequestFlags } from './spec/flags.ts';
import { type JobSpec, specOf } from './spec/from-record.ts';

/** The tag that the jobs of a grid have in common: a job like one of them does not belong to it. */
export const SWEEP_TAG = 'sweep';

const MAX_NAME = 63;
const MAX_NUMBER = 99;
/** How many further names are tried that Bedrock may know and the tracker does not. */
const MORE_NAMES = 10;

/** A name with an end, cut to what Bedrock allows. A model's name may not have two of - and _ in a row. */
export const nameWith = (base: string, end: string): string =>
  `${base.slice(0, MAX_NAME - end.length - 1).replace(/[^a-zA-Z0-9]+$/, '')}-${end}`;

/** Sends a checked request and answers the job's ARN. */
export const createJob = async (client: BedrockClient, request: CheckedRequest): Promise<string> => {
  const { jobArn = '' } = await client
    // The SDK's types allow one member of each union, which the check has made sure of.
    .send(new CreateModelCustomizationJobCommand(request as CreateModelCustomizationJobCommandInput));
  return jobArn;
};

/** The flags for a job like another one, which does not belong to its sweep. */
export const outsideSweep = ({ tags }: JobRecord, flags: RequestFlags): RequestFlags => {
  if (!Object.hasOwn(tags, SWEEP_TAG)) return flags;
  return { ...flags, without: [...([flags['without'] ?? []].flat() as string[]), joinPath('jobTags', SWEEP_TAG)] };
};

/** The jobs that could be created like another one: they differ in the numbers of their names. */
export interface LikeJob {
  readonly spec: JobSpec;
  /** Whether the names hold a number, as they were not given. */
  readonly isNumbered: boolean;
  /** The first number whose job the tracker does not know. */
  readonly first: number;
  readonly flagsAt: (number: number) => RequestFlags;
  /** The names with this number. */
  readonly namesAt: (number: number) => { readonly jobName?: string; readonly customModelName?: string };
}

type Jobs = Pick<JobsClient, 'getJob'>;

/** `tone-2` is the second `tone` where there is such a job; else it is a name like any other. */
const baseOf = async (
  name: string,
  isTaken: (name: string) => Promise<boolean>,
): Promise<readonly [string, number]> => {
  const [, base = '', number = ''] = /^(.+)-(\d{1,2})$/.exec(name) ?? [];
  return Number(number) >= 2 && (await isTaken(base)) ? [base, Number(number)] : [name, 1];
};

/**
 * Finds names for a job like this one: the flags' own, or `<name>-2` and so on, as far as the tracker knows them.
 *
 * @throws TrackerError BAD_REQUEST for an imported job, or where 98 such names are taken
 */
export const likeJob = async (record: JobRecord, flags: RequestFlags, jobs: Jobs): Promise<LikeJob> => {
  const spec = specOf(record);
  const { job_name: name, output_model_name: model, account_id: account, region } = record;
  const isTaken = async (candidate: string): Promise<boolean> => {
    try {
      return (await jobs.getJob(candidate, { account, region })).job !== undefined;
    } catch (error) {
      if (hasCode(error, 'AMBIGUOUS_JOB')) return true;
      throw error;
    }
  };
  const [base, number] = name === undefined ? ['', 1] : await baseOf(name, isTaken);
  const end = `-${number}`;
  const modelBase = number > 1 && model?.endsWith(end) === true ? model.slice(0, -end.length) : model;
  let first = number + 1;
  while (name !== undefined && flags['jobName'] === undefined && (await isTaken(nameWith(base, String(first))))) {
    if (first === MAX_NUMBER)
      throw new TrackerError(
        'BAD_REQUEST',
        `All names to ${nameWith(base, String(first))} are taken: give --job-name.`,
      );
    first += 1;
  }
  const namesAt: LikeJob['namesAt'] = (at) => ({
    ...(name !== undefined && { jobName: nameWith(base, String(at)) }),
    ...(modelBase !== undefined && { customModelName: nameWith(modelBase, String(at)) }),
  });
  return {
    spec,
    namesAt,
    isNumbered: flags['jobName'] === undefined || flags['customModelName'] === undefined,
    first,
    flagsAt: (at) => ({ ...namesAt(at), ...outsideSweep(record, flags) }),
  };
};

/** The request, or everything that is wrong with it. */
export const readLike = ({ spec, flagsAt, first }: LikeJob): ReadRequest => readRequest(spec, flagsAt(first));

export const requestLike = ({ spec, flagsAt, first }: LikeJob, number = first): CheckedRequest =>
  createRequestOf(spec, flagsAt(number));

/** Creates the job, under the next number where Bedrock knows a name that the tracker has not seen yet. */
export const createLike = async (client: BedrockClient, like: LikeJob) => {
  for (let number = like.first; ; number += 1) {
    const request = requestLike(like, number);
    try {
      return { request, jobArn: await createJob(client, request) };
    } catch (error) {
      if (!like.isNumbered || number === like.first + MORE_NAMES || !isNameTaken(error)) throw error;
    }
  }
};

/** One value that differs; absent where there is none. */
export interface Difference {
  readonly path: string;
  readonly before?: string;
  readonly after?: string;
}

/** Tags by their keys, as a spec has them. */
export const withTagMaps = (request: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    Object.entries(request).map(([member, value]) => [
      member,
      /Tags$/.test(member) && Array.isArray(value)
        ? Object.fromEntries(value.map(({ key, value: text }: { key: string; value: string }) => [key, text]))
        : value,
    ]),
  );

const leavesOf = (value: unknown, path: string): [string, string][] => {
  if (Array.isArray(value)) return value.flatMap((item, index) => leavesOf(item, `${path}[${index}]`));
  if (isObject(value)) return Object.entries(value).flatMap(([name, item]) => leavesOf(item, joinPath(path, name)));
  return [[path, String(value)]];
};

/** What a request asks for that the job before did not, and the other way round. */
export const differencesOf = (before: JobSpec, { clientRequestToken: _, ...after }: CheckedRequest): Difference[] => {
  const was = new Map(leavesOf(before.value, ''));
  const is = new Map(leavesOf(withTagMaps(after), ''));
  return [...new Set([...was.keys(), ...is.keys()])].flatMap((path) => {
    const [old, now] = [was.get(path), is.get(path)];
    if (old === now) return [];
    return [{ path, ...(old !== undefined && { before: old }), ...(now !== undefined && { after: now }) }];
  });
};
