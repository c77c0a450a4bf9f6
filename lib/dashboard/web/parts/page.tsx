import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

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
