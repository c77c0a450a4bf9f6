import type { ComponentChildren, ComponentProps, JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { ApiProblem } from '../api/http.ts';
import { useFollows } from '../api/follows.ts';
import { jobsPath } from '../logic/addresses.ts';
import { endedTitle } from '../logic/follows.ts';
import { WarningIcon } from './icons.tsx';

let navigated = false;
/** From the second page on, the heading gets the focus: screen readers then tell that the page changed. */
export const noteNavigation = (): void => {
  navigated = true;
};

/** For when what had the focus is gone: the next Tab then starts at the page's content. */
export const focusHeading = (): void => document.querySelector<HTMLElement>('main h1')?.focus({ preventScroll: true });

interface PageProps {
  /** Of the document and its heading. */
  readonly title: string;
  readonly aside?: ComponentChildren;
  readonly children: ComponentChildren;
}

export const Page = ({ title, aside, children }: PageProps): JSX.Element => {
  const head = useRef<HTMLHeadingElement>(null);
  const ended = endedTitle(useFollows());
  useEffect(() => {
    document.title = [...(ended === undefined ? [] : [ended]), title, 'Bedrock job tracker'].join(' · ');
  }, [title, ended]);
  useEffect(() => {
    // An address with a fragment names what gets the focus.
    if (navigated && location.hash === '') head.current?.focus({ preventScroll: true });
  }, []);
  return (
    <main id="main" class="page" tabIndex={-1}>
      <div class="page-head">
        <h1 ref={head} tabIndex={-1}>
          {title}
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
  readonly children: ComponentChildren;
}

/** A section of a page with its own heading. */
export const Card = ({ title, id, note, actions, children }: CardProps): JSX.Element => (
  <section class="card" aria-labelledby={id}>
    <div class="card-head">
      <h2 id={id}>{title}</h2>
      {note !== undefined && <span class="muted small">{note}</span>}
      {actions !== undefined && <div class="flow end small">{actions}</div>}
    </div>
    {children}
  </section>
);

interface FigureProps {
  readonly name: string;
  readonly value: string | number;
  readonly note: string;
  readonly href?: string;
  readonly tone?: string;
  /** Whether the page shows what the link leads to. */
  readonly isCurrent?: boolean;
}

/** A number with its name and what it counts. */
export const Figure = ({ name, value, note, href, tone = '', isCurrent }: FigureProps): JSX.Element => (
  <li class="figure">
    <span class="muted small">{name}</span>
    <span class={`figure-value ${tone}`}>
      {href === undefined ? (
        value
      ) : (
        <a href={href} aria-label={`${name}: ${value}`} aria-current={isCurrent}>
          {value}
        </a>
      )}
    </span>
    <span class="muted small">{note}</span>
  </li>
);

/** A button that does not submit a form. */
export const Button = (props: ComponentProps<'button'>): JSX.Element => (
  <button type="button" class="button" {...props} />
);

interface ProblemProps {
  readonly problem: ApiProblem;
  readonly retry?: () => void;
}

/** What went wrong, and what to do next. */
export const Problem = ({ problem, retry }: ProblemProps): JSX.Element => (
  <div class="banner banner-error" role="alert">
    <WarningIcon />
    <div class="words">
      <p>{problem.message}</p>
      {problem.near.length > 0 && (
        <p>
          Similar names:{' '}
          {problem.near.map((name) => (
            <a key={name} class="chip" href={jobsPath({ search: name })}>
              {name}
            </a>
          ))}
        </p>
      )}
    </div>
    {retry !== undefined && <Button onClick={retry}>Try again</Button>}
  </div>
);

interface EmptyProps {
  readonly title: string;
  readonly children?: ComponentChildren;
}

export const Empty = ({ title, children }: EmptyProps): JSX.Element => (
  <div class="empty">
    <p class="empty-title">{title}</p>
    {children}
  </div>
);

/** Grey lines while the content loads. */
export const Skeleton = ({ lines }: { readonly lines: number }): JSX.Element => (
  <div class="skeleton" role="status" aria-label="Loading">
    {Array.from({ length: lines }, (_, index) => (
      <span key={index} class="skeleton-line" />
    ))}
  </div>
);

let speak: ((words: string) => void) | undefined;

/** Tells screen readers something, once they have finished what they say. */
export const announce = (words: string): void => speak?.(words);

/** Where `announce` speaks. */
export const Announcer = (): JSX.Element => {
  const [words, setWords] = useState('');
  useEffect(() => {
    speak = setWords;
  }, []);
  return (
    <div class="sr-only" role="status" aria-live="polite" id="announcer">
      {words}
    </div>
  );
};
