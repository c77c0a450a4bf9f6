import type { ComponentChildren, JSX } from 'preact';
import type { ApiProblem } from '../api/http.ts';
import { WarningIcon } from './icons.tsx';

/** What went wrong, and the way on. */
export const Problem = ({
  problem,
  retry,
}: {
  readonly problem: ApiProblem;
  readonly retry?: () => void;
}): JSX.Element => (
  <div class="banner banner-error" role="alert">
    <WarningIcon />
    <div class="banner-words">
      <p>{problem.message}</p>
      {problem.near.length > 0 && (
        <p>
          Names like it:{' '}
          {problem.near.map((name) => (
            <a key={name} class="chip" href={`/jobs?${new URLSearchParams({ search: name }).toString()}`}>
              {name}
            </a>
          ))}
        </p>
      )}
    </div>
    {retry !== undefined && (
      <button type="button" class="button" onClick={retry}>
        Try again
      </button>
    )}
  </div>
);

export const Empty = ({
  title,
  children,
}: {
  readonly title: string;
  readonly children?: ComponentChildren;
}): JSX.Element => (
  <div class="empty">
    <p class="empty-title">{title}</p>
    {children}
  </div>
);

/** Grey lines in the place of what is being read. */
export const Skeleton = ({ lines = 4 }: { readonly lines?: number }): JSX.Element => (
  <div class="skeleton" role="status" aria-label="Loading">
    {Array.from({ length: lines }, (_, index) => (
      <span key={index} class="skeleton-line" />
    ))}
  </div>
);
