import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { TrackerError } from '../../../domain/errors.ts';
import type { Watch } from '../../../operator/clients.ts';
import { SERVICES } from '../evidence.ts';
import { createAnonymizer, type Schema } from './anonymize.ts';

/** What an HTTP answer is read from. The SDK takes bytes in place of the stream that they came by. */
interface HttpAnswer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  body: AsyncIterable<Uint8Array> | Uint8Array | undefined;
}
interface Result {
  readonly response: HttpAnswer;
  readonly output?: unknown;
}
type Handler = (args: unknown) => Promise<Result>;
interface CallContext {
  readonly clientName?: string;
  readonly commandName?: string;
  /** The SDK's own note of the operation: […, its input, its output]. */
  readonly __smithy_context?: { readonly operationSchema?: readonly Schema[] };
}

export interface Recorder {
  readonly watch: Watch;
  /** Requests so far, retries included. */
  readonly requests: () => number;
  /** Resolves once all answers so far are written, with their number. */
  readonly written: () => Promise<number>;
}

const bytesOf = async (body: HttpAnswer['body']): Promise<Uint8Array> => {
  if (body === undefined || body instanceof Uint8Array) return body ?? new Uint8Array();
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks);
};

const parsed = (bytes: Uint8Array): unknown => {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    return {};
  }
};

/** Codes of errors that AWS documents for every service, or that Bedrock's model has. */
const CODES =
  /^(?:AccessDenied|Conflict|ExpiredToken|InternalServer|InvalidClientTokenId|InvalidParameterValue|InvalidSignature|NotFound|ParameterNotFound|ResourceNotFound|ServiceQuotaExceeded|ServiceUnavailable|SlowDown|Throttling|TooManyRequests|UnrecognizedClient|Validation)(?:Exception)?$/;
/** `com.amazonaws.bedrock#ThrottlingException:http://…` is one way to name an error on the wire. */
const codeOf = (text: unknown): string => {
  const code = typeof text === 'string' ? (text.split('#').at(-1)?.split(':')[0] ?? '') : '';
  return CODES.test(code) ? code : 'UnknownError';
};

const refuseUsed = async (folder: string): Promise<void> => {
  await mkdir(folder, { recursive: true });
  if ((await readdir(folder)).length > 0)
    throw new TrackerError('BAD_REQUEST', `The folder ${folder} is not empty: name a new one for --record.`);
};

/**
 * Watches clients: counts their requests, and where a folder is given keeps each answer as a file
 * `<service>.<Operation>_<n>.json`, anonymized. JSON is recorded as it came over the wire, with times as precise as
 * they were; what comes as XML as the SDK read it.
 *
 * @throws TrackerError BAD_REQUEST where the folder has files
 */
export const openRecorder = async (folder: string | undefined): Promise<Recorder> => {
  if (folder !== undefined) await refuseUsed(folder);
  const { answer, text } = createAnonymizer(SERVICES);
  const counts = new Map<string, number>();
  const writes: Promise<void>[] = [];
  let requests = 0;

  const numbered = ({ clientName = '', commandName = '' }: CallContext): string => {
    const name = `${clientName.replace(/Client$/, '').toLowerCase()}.${commandName.replace(/Command$/, '')}`;
    const number = (counts.get(name) ?? 0) + 1;
    counts.set(name, number);
    return `${name}_${number}.json`;
  };
  const keep = (file: string, status_code: number, data: unknown): void => {
    const content = `${JSON.stringify({ status_code, data }, undefined, 4)}\n`;
    if (folder !== undefined) writes.push(writeFile(join(folder, file), content));
  };

  /** Files of answers that are not JSON. */
  const pending = new WeakMap<HttpAnswer, string>();
  /** Nearest to the wire: sees each attempt, and the body before the SDK reads it. */
  const wire =
    (next: Handler, context: CallContext): Handler =>
    async (args) => {
      requests += 1;
      if (folder === undefined) return next(args);
      const file = numbered(context);
      const result = await next(args);
      const { response } = result;
      const { statusCode, headers } = response;
      if (/json/.test(headers['content-type'] ?? '')) {
        const bytes = await bytesOf(response.body);
        response.body = bytes;
        keep(
          file,
          statusCode,
          statusCode < 300 ? answer(parsed(bytes), outputOf(context)) : errorOf(headers, parsed(bytes)),
        );
      } else pending.set(response, file);
      return result;
    };
  const errorOf = (headers: HttpAnswer['headers'], body: unknown) => {
    const { __type, code, message, Message } = Object(body) as Readonly<Record<string, unknown>>;
    const said = message ?? Message;
    return {
      Error: {
        Code: codeOf(headers['x-amzn-errortype'] ?? __type ?? code),
        Message: typeof said === 'string' ? text(said) : '',
      },
    };
  };
  const outputOf = ({ __smithy_context }: CallContext): Schema => __smithy_context?.operationSchema?.[5];

  /** Sees what the SDK read out of XML. */
  const read =
    (next: Handler, context: CallContext): Handler =>
    async (args) => {
      const result = await next(args);
      const file = pending.get(result.response);
      if (file !== undefined) keep(file, result.response.statusCode, answer(result.output, outputOf(context)));
      return result;
    };

  return {
    watch: (client) => {
      client.middlewareStack.add(wire as never, { step: 'deserialize', priority: 'low', name: 'wire', override: true });
      client.middlewareStack.add(read as never, {
        step: 'deserialize',
        priority: 'high',
        name: 'read',
        override: true,
      });
      return client;
    },
    requests: () => requests,
    written: async () => (await Promise.all(writes)).length,
  };
};
