import type { ApiError } from '../../api.ts';

/** An answer that is no success, as a sentence for a person. */
export class ApiProblem extends Error {
  /** The HTTP status; 0 where there was no answer. */
  readonly status: number;
  /** Names like the one that was asked for. */
  readonly near: readonly string[];

  constructor(message: string, status: number, near: readonly string[] = []) {
    super(message);
    this.name = 'ApiProblem';
    this.status = status;
    this.near = near;
  }
}

const problemOf = async (answer: Response): Promise<ApiProblem> => {
  const body = (await answer.json().catch(() => ({}))) as Partial<ApiError>;
  return new ApiProblem(body.error ?? `The server answered ${answer.status}.`, answer.status, body.near);
};

const request = async (path: string, init: RequestInit): Promise<Response> => {
  let answer: Response;
  try {
    answer = await fetch(path, init);
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new ApiProblem('The dashboard’s server does not answer. Is it still running?', 0);
  }
  if (!answer.ok) throw await problemOf(answer);
  return answer;
};

export const getJson = async <T>(path: string, signal?: AbortSignal): Promise<T> => {
  const answer = await request(path, { headers: { accept: 'application/json' }, ...(signal ? { signal } : {}) });
  return (await answer.json()) as T;
};

/** A call that changes something: it carries the token of the session, which another site's page cannot know. */
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
  jobs: (query: string): string => (query === '' ? '/api/jobs' : `/api/jobs?${query}`),
  job: jobApi,
  loss: (jobArn: string): string => `${jobApi(jobArn)}/loss`,
  tags: (jobArn: string): string => `${jobApi(jobArn)}/tags`,
  stop: (jobArn: string): string => `${jobApi(jobArn)}/stop`,
} as const;
