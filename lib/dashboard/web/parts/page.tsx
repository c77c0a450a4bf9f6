import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { ApiProblem } from '../api/http.ts';
import { WarningIcon } from './icons.tsx';

let navigated = false;
/** From the second page on its heading is focused: who cannot see that the page changed hears it. */
export const noteNavigation = (): void => {
  navigated = true;
};

interface PageProps {
  /** Of the document; the heading says the same unless it is given. */
  readonly title: string;
  readonly heading?: ComponentChildren;
  readonly aside?: ComponentChildren;
  readonly children: ComponentChildren;
}

export const Page = ({ title, heading, aside, children }: PageProps): JSX.Element => {
  const head = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · Bedrock job tracker`;
  }, [title]);
  useEffect(() => {
    // An address with a fragment says itself what is to be focused.
    if (navigated && location.hash === '') head.current?.focus({ preventScroll: true });
  }, []);
  return (
    <main id="main" class="page" tabIndex={-1}>
      <div class="page-head">
        <h1 ref={head} tabIndex={-1}>
          {heading ?? title}
        </h1>
        {aside}
      </div>
      {children}
    </main>
  );
};

interface CardProps {
  readonly title: string;
  readonly id: string;
  readonly note?: ComponentChildren;
  readonly actions?: ComponentChildren;
  readonly class?: string;
  readonly children: ComponentChildren;
}

/** A part of a page with a heading of its own. */
export const Card = ({ title, id, note, actions, class: className = '', children }: CardProps): JSX.Element => (
  <section class={`card ${className}`} aria-labelledby={id}>
    <div class="card-head">
      <h2 id={id}>{title}</h2>
      {note !== undefined && <span class="muted card-note">{note}</span>}
      {actions !== undefined && <div class="card-actions">{actions}</div>}
    </div>
    {children}
  </section>
);

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

let listener: ((words: string) => void) | undefined;

/** Says something to whoever listens to the page instead of looking at it, when nothing else is being said. */
export const announce = (words: string): void => listener?.(words);

export const onAnnounce = (tell: (words: string) => void): (() => void) => {
  listener = tell;
  return () => {
    listener = undefined;
  };
};
