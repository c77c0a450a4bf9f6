import type { ApiError, DataFindings } from '../../api.ts';

/** A failed request, as a sentence for a person. */
export class ApiProblem extends Error {
  /** The HTTP status; 0 if the server did not answer. */
  readonly status: number;
  /** Similar names, if the job was not found. */
  readonly near: readonly string[];
  /** Why a job would fail for its data. */
  readonly data: DataFindings | undefined;

  constructor(message: string, status: number, { near = [], data }: Omit<ApiError, 'error'> = {}) {
    super(message);
    this.name = 'ApiProblem';
    this.status = status;
    this.near = near;
    this.data = data;
  }
}

/** An error that a page can show. */
export const asProblem = (error: unknown): ApiProblem =>
  error instanceof ApiProblem ? error : new ApiProblem(error instanceof Error ? error.message : String(error), 0);

const request = async (path: string, init: RequestInit): Promise<Response> => {
  const answer = await fetch(path, init).catch(() => {
    throw new ApiProblem('The dashboard’s server does not respond. Is it still running?', 0);
  });
  if (answer.ok) return answer;
  const { error, ...more } = (await answer.json().catch(() => ({}))) as Partial<ApiError>;
  throw new ApiProblem(error ?? `The server answered ${answer.status}.`, answer.status, more);
};

export const getJson = async <T>(path: string): Promise<T> =>
  (await (await request(path, { headers: { accept: 'application/json' } })).json()) as T;

/** A call that changes something. It carries the session's token, which pages of other sites cannot know. */
export const send = (
  method: 'PUT' | 'DELETE' | 'POST',
  path: string,
  token: string,
  body?: unknown,
  signal?: AbortSignal,
): Promise<Response> => {
  const headers = { 'x-dashboard-token': token, 'content-type': 'application/json' };
  return request(path, {
    ...{ method, headers },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    ...(signal && { signal }),
  });
};

/** Sends something and reads the answer. */
export const post = async <T>(path: string, token: string, body: unknown, signal: AbortSignal): Promise<T> =>
  (await (await send('POST', path, token, body, signal)).json()) as T;

const jobApi = (jobArn: string): string => `/api/jobs/${encodeURIComponent(jobArn)}`;

/** Addresses of the server's API. */
export const API = {
  session: '/api/session',
  overview: '/api/overview',
  updates: '/api/updates',
  jobs: (query: string): string => `/api/jobs?${query}`,
  runs: (query: string): string => `/api/runs?${query}`,
  models: '/api/models',
  scopes: (query: string): string => `/api/scopes?${query}`,
  model: (arnOrName: string): string => `/api/models/${encodeURIComponent(arnOrName)}`,
  job: jobApi,
  loss: (jobArn: string): string => `${jobApi(jobArn)}/loss`,
  tags: (jobArn: string): string => `${jobApi(jobArn)}/tags`,
  stop: (jobArn: string): string => `${jobApi(jobArn)}/stop`,
  again: (jobArn: string, query = ''): string => `${jobApi(jobArn)}/again${query === '' ? '' : `?${query}`}`,
} as const;
