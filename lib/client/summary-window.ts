import type { ListJobsRequest, SummarizeRequest } from './requests.ts';
import { parseListRequest, unknownMembers, wrongRequest } from './list/validate.ts';
import { DAY } from '../domain/time.ts';

const DEFAULT_DAYS = 30;
/** Ten years: every day of the window is answered. */
const MOST_DAYS = 3660;
const MEMBERS = ['account', 'region', 'baseModel', 'customizationType', 'tag', 'createdAfter', 'createdBefore'];

/** Milliseconds since 1970, the end excluded. */
export interface Window {
  readonly from: number;
  readonly before: number;
}

/** The window of a summary and the request for its jobs. Throws BAD_REQUEST that names everything that is wrong. */
export const windowOf = (request: SummarizeRequest, now: number): { window: Window; jobs: ListJobsRequest } => {
  const others = unknownMembers(request, MEMBERS);
  if (others.length > 0) throw wrongRequest(others);
  const { created } = parseListRequest(request);
  const before = created.to === undefined ? now : Date.parse(created.to) + 1;
  const from = created.from === undefined ? before - DEFAULT_DAYS * DAY : Date.parse(created.from);
  if (from >= before) throw wrongRequest(['createdAfter must be earlier than createdBefore, by default now']);
  if (before - from > MOST_DAYS * DAY) throw wrongRequest([`the window has more than ${MOST_DAYS} days`]);
  return {
    window: { from, before },
    jobs: {
      ...request,
      createdAfter: new Date(from),
      createdBefore: new Date(before),
      sortBy: 'creation_time',
      limit: 1000,
    },
  };
};
