import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { MOST_COMPARED } from '../../logic/addresses.ts';
import { onShortcut } from '../../parts/shortcuts.tsx';

/** The jobs chosen for comparing: they stay chosen while the person looks at another page. */
let chosen: ReadonlySet<string> = new Set();

export interface Selection {
  readonly chosen: ReadonlySet<string>;
  readonly full: boolean;
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
  const clear = useCallback(() => set(new Set()), [set]);
  return { chosen, full: chosen.size >= MOST_COMPARED, toggle, clear };
};

const links = (): HTMLAnchorElement[] => [...document.querySelectorAll<HTMLAnchorElement>('.jobs .job-link')];

const focusRow = (step: 1 | -1): void => {
  const all = links();
  const row = document.activeElement?.closest('.job-row');
  const current = all.findIndex((link) => link.closest('.job-row') === row);
  const next = all[current === -1 ? 0 : Math.min(all.length - 1, Math.max(0, current + step))];
  next?.focus({ preventScroll: true });
  next?.closest('.job-row')?.scrollIntoView({ block: 'nearest' });
};

const focusedArn = (): string | undefined => document.activeElement?.closest<HTMLElement>('.job-row')?.dataset['arn'];

interface ListKeys {
  readonly toggle: (jobArn: string) => void;
  readonly compare: () => void;
}

/** The list by keys: j and k or the arrows move, x selects, c compares, / searches; Enter opens by itself. */
export const useListKeys = (keys: ListKeys): void => {
  const latest = useRef(keys);
  latest.current = keys;
  useEffect(
    () =>
      onShortcut((event) => {
        const inList = focusedArn() !== undefined;
        const arn = focusedArn();
        if (event.key === 'j' || (inList && event.key === 'ArrowDown')) focusRow(1);
        else if (event.key === 'k' || (inList && event.key === 'ArrowUp')) focusRow(-1);
        else if (event.key === 'x' && arn !== undefined) latest.current.toggle(arn);
        else if (event.key === 'c') latest.current.compare();
        else if (event.key === '/') document.getElementById('search')?.focus();
        else return;
        event.preventDefault();
      }),
    [],
  );
};
