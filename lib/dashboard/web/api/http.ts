import type { ApiError } from '../../api.ts';

/** A failed request, as a sentence for a person. */
export class ApiProblem extends Error {
  /** The HTTP status; 0 if the server did not answer. */
  readonly status: number;
  /** Similar names, if the job was not found. */
  readonly near: readonly string[];

  constructor(message: string, status: number, near: readonly string[] = []) {
    super(message);
    this.name = 'ApiProblem';
    this.status = status;
    this.near = near;
  }
}

const request = async (path: string, init: RequestInit): Promise<Response> => {
  const answer = await fetch(path, init).catch(() => {
    throw new ApiProblem('The dashboard’s server does not respond. Is it still running?', 0);
  });
  if (answer.ok) return answer;
  const { error, near } = (await answer.json().catch(() => ({}))) as Partial<ApiError>;
  throw new ApiProblem(error ?? `The server answered ${answer.status}.`, answer.status, near);
};

export const getJson = async <T>(path: string): Promise<T> =>
  (await (await request(path, { headers: { accept: 'application/json' } })).json()) as T;

/** A call that changes something. It carries the session's token, which pages of other sites cannot know. */
export const send = async (
  method: 'PUT' | 'DELETE' | 'POST',
  path: string,
  token: string,
  body?: unknown,
): Promise<void> => {
  const headers = { 'x-dashboard-token': token, 'content-type': 'application/json' };
  await request(path, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
};

const jobApi = (jobArn: string): string => `/api/jobs/${encodeURIComponent(jobArn)}`;

/** Addresses of the server's API. */
export const API = {
  session: '/api/session',
  overview: '/api/overview',
  updates: '/api/updates',
  jobs: (query: string): string => `/api/jobs?${query}`,
  runs: (query: string): string => `/api/runs?${query}`,
  job: jobApi,
  loss: (jobArn: string): string => `${jobApi(jobArn)}/loss`,
  tags: (jobArn: string): string => `${jobApi(jobArn)}/tags`,
  stop: (jobArn: string): string => `${jobApi(jobArn)}/stop`,
} as const;
