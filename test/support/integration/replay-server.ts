import { serve, type HttpRequest } from './http.ts';
import { askedJob, bedrockOperation } from './proxy.ts';
import { asAnswer, isError, type Recorded, type Scenario } from './recordings.ts';

/** A call of an SDK client, with the answers that it got: several where it tried again. */
export interface Call {
  readonly operation: string;
  /** The ARN or name that it asked for; empty for List. */
  readonly job: string;
  readonly answers: Recorded[];
}

export interface ReplayServer {
  readonly url: string;
  /** The calls in the order in which they began. */
  readonly calls: readonly Call[];
  /** True when every recorded answer of the operation that can be asked for has been given. */
  readonly consumed: (operation: string) => boolean;
  readonly close: () => Promise<void>;
}

const NOT_FOUND: Recorded = {
  status: 404,
  data: {},
  error: { code: 'ResourceNotFoundException', message: 'No recorded answer is about this job.' },
};
const NO_TAGS: Recorded = { status: 200, data: { tags: [] } };
const NO_JOBS: Recorded = { status: 200, data: { modelCustomizationJobSummaries: [] } };

/** An answer that does not say whose it is may be about any job. */
const isAbout = ({ data: { jobArn, jobName } }: Recorded, job: string): boolean =>
  jobArn === job || jobName === job || (jobArn === undefined && jobName === undefined);

/** The last page ends the list: a recording that stops in the middle has no next page to give. */
const asLastPage = (page: Recorded): Recorded => {
  const { nextToken: _, ...data } = page.data;
  return { ...page, data };
};

/**
 * Answers from a scenario's recordings: each operation's answers in their order, the last one again and again. Get
 * answers come from those about the job that is asked for, with the errors between them, so that no call for one job
 * is answered with another.
 */
export const startReplayServer = async ({ operations }: Scenario): Promise<ReplayServer> => {
  const calls: Call[] = [];
  const byInvocation = new Map<string, Call>();
  const positions = new Map<string, number>();
  const given = new Set<Recorded>();

  const sequenceOf = (operation: string, job: string): readonly Recorded[] => {
    const all = operations.get(operation) ?? [];
    if (operation !== 'GetModelCustomizationJob') return all;
    return all.filter((answer) => isError(answer) || isAbout(answer, job));
  };

  const nextOf = (operation: string, job: string): Recorded => {
    const sequence = sequenceOf(operation, job);
    const key = operation === 'GetModelCustomizationJob' ? `${operation} ${job}` : operation;
    const position = Math.min(positions.get(key) ?? 0, sequence.length - 1);
    positions.set(key, position + 1);
    const recorded = sequence[position];
    if (recorded !== undefined) given.add(recorded);
    switch (operation) {
      case 'ListModelCustomizationJobs':
        return position === sequence.length - 1 ? asLastPage(recorded ?? NO_JOBS) : (recorded ?? NO_JOBS);
      case 'ListTagsForResource':
        return recorded ?? NO_TAGS;
      default:
        return recorded ?? NOT_FOUND;
    }
  };

  const callOf = (request: HttpRequest, operation: string, job: string): Call => {
    const invocation = String(request.headers['amz-sdk-invocation-id']);
    const known = byInvocation.get(invocation);
    if (known) return known;
    const call: Call = { operation, job, answers: [] };
    byInvocation.set(invocation, call);
    calls.push(call);
    return call;
  };

  const server = await serve((request) => {
    const operation = bedrockOperation(request);
    const job = askedJob(request);
    const recorded = nextOf(operation, job);
    callOf(request, operation, job).answers.push(recorded);
    return Promise.resolve(asAnswer(recorded));
  });
  return {
    ...server,
    calls,
    consumed: (operation) => (operations.get(operation) ?? []).every((answer) => given.has(answer)),
  };
};
