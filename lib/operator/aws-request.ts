/** What AWS was asked, for the sentence about why it did not answer. */
export interface AwsRequest {
  /** DynamoDB, S3 and so on; "AWS" where it is not known. */
  readonly service: string;
  /** Query, GetObject and so on. */
  readonly operation?: string;
  /** The table, queue, bucket, function, job or parameter that was asked for. */
  readonly resource?: string;
  readonly region?: string;
}

/** The members of requests that name what is asked for, the more precise first. */
const RESOURCE_MEMBERS = [
  'TableName',
  'QueueUrl',
  'FunctionName',
  'Bucket',
  'jobIdentifier',
  'resourceARN',
  'Name',
  'SourceArn',
] as const;

const requests = new WeakMap<Error, AwsRequest>();

/** The request that an error is the answer to, where a client remembered it. */
export const requestOf = (error: Error): AwsRequest | undefined => requests.get(error);

type Handler = (args: { readonly input: unknown }) => Promise<unknown>;
interface HandlerContext {
  readonly clientName?: string;
  readonly commandName?: string;
}

const MIDDLEWARE = { step: 'initialize', name: 'rememberRequests', override: true } as const;

/** What is used of any client of the SDK. */
interface AwsClient {
  readonly config: { readonly region: () => Promise<string> };
  // The types of a middleware name the input and output of each client; this one looks at neither.
  readonly middlewareStack: { add(middleware: never, options: typeof MIDDLEWARE): void };
}

const resourceOf = (input: unknown): string | undefined => {
  const members = Object(input) as Readonly<Record<string, unknown>>;
  return RESOURCE_MEMBERS.map((name) => members[name]).find((value) => typeof value === 'string');
};

/**
 * Makes a client remember of each failed request what was asked, for `sentenceOf`. The error itself stays as it is, so
 * that callers who know what to do about it find it by its name.
 */
export const rememberRequests = <C extends AwsClient>(client: C): C => {
  const middleware =
    (next: Handler, { clientName = '', commandName = '' }: HandlerContext): Handler =>
    async (args) => {
      try {
        return await next(args);
      } catch (error) {
        if (error instanceof Error) {
          const region = await client.config.region().catch(() => undefined);
          const resource = resourceOf(args.input);
          requests.set(error, {
            service: clientName.replace(/Client$/, '') || 'AWS',
            operation: commandName.replace(/Command$/, ''),
            ...(resource !== undefined && { resource }),
            ...(region !== undefined && { region }),
          });
        }
        throw error;
      }
    };
  client.middlewareStack.add(middleware as never, MIDDLEWARE);
  return client;
};
