import type { JobsQuery } from '../../../api.ts';

/** What each filter takes. */
export interface QueryProps {
  readonly query: JobsQuery;
  /** Changes the question; without a step in the history where it replaces. */
  readonly onChange: (query: JobsQuery, replace?: boolean) => void;
}
