import type { ComponentChildren, JSX } from 'preact';
import { useLocation } from 'preact-iso/router';
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { comparePath, MOST_COMPARED } from '../../logic/addresses.ts';
import { formatCount } from '../../logic/format.ts';
import { onShortcut } from '../../parts/shortcuts.tsx';
import { Button } from '../../parts/page.tsx';

/** The jobs to compare. They stay selected while another page is open. */
let chosen: ReadonlySet<string> = new Set();

export interface Selection {
  readonly chosen: ReadonlySet<string>;
  readonly isFull: boolean;
  readonly toggle: (jobArn: string) => void;
  readonly clear: () => void;
}

export const useSelection = (): Selection => {
  const [, redraw] = useState(chosen);
  const set = useCallback((next: ReadonlySet<string>) => {
    chosen = next;
    redraw(next);
  }, []);
  const toggle = useCallback(
    (jobArn: string) => {
      const next = new Set(chosen);
      if (!next.delete(jobArn) && next.size < MOST_COMPARED) next.add(jobArn);
      set(next);
    },
    [set],
  );
  return { chosen, isFull: chosen.size >= MOST_COMPARED, toggle, clear: () => set(new Set()) };
};

interface SelectionBarProps {
  readonly selection: Selection;
  /** Further actions. */
  readonly children?: ComponentChildren;
}

export const SelectionBar = ({ selection, children }: SelectionBarProps): JSX.Element | null => {
  const { chosen, isFull, clear } = selection;
  if (chosen.size === 0) return null;
  return (
    <div class="flow selection-bar" role="group" aria-label="Selected jobs">
      <span>
        {formatCount(chosen.size, 'job')} selected{isFull ? ' (maximum)' : ''}
      </span>
      <Button class="link-button" onClick={clear}>
        Clear
      </Button>
      {chosen.size < 2 ? (
        <span class="muted">Select another to compare</span>
      ) : (
        <a class="button button-primary" href={comparePath([...chosen])}>
          Compare
        </a>
      )}
      {chosen.size >= 2 && children}
    </div>
  );
};

const focusRow = (step: 1 | -1): void => {
  const links = [...document.querySelectorAll<HTMLAnchorElement>('[data-arn] .job-link')];
  const row = document.activeElement?.closest('[data-arn]');
  const current = links.findIndex((link) => link.closest('[data-arn]') === row);
  const next = links[current === -1 ? 0 : Math.min(links.length - 1, Math.max(0, current + step))];
  next?.focus({ preventScroll: true });
  next?.closest('[data-arn]')?.scrollIntoView({ block: 'nearest' });
};

const focusedArn = (): string | undefined => document.activeElement?.closest<HTMLElement>('[data-arn]')?.dataset['arn'];

/** The list by keys: j, k and the arrows move, x selects, c compares. Enter opens the link by itself. */
export const useListKeys = (selection?: Selection): void => {
  const { route } = useLocation();
  const latest = useRef(selection);
  latest.current = selection;
  useEffect(
    () =>
      onShortcut((event) => {
        const arn = focusedArn();
        const isInList = arn !== undefined;
        const { chosen, toggle } = latest.current ?? {};
        if (event.key === 'j' || (isInList && event.key === 'ArrowDown')) focusRow(1);
        else if (event.key === 'k' || (isInList && event.key === 'ArrowUp')) focusRow(-1);
        else if (event.key === 'x' && isInList) toggle?.(arn);
        else if (event.key === 'c' && chosen !== undefined && chosen.size >= 2) route(comparePath([...chosen]));
        else return;
        event.preventDefault();
      }),
    [route],
  );
};
