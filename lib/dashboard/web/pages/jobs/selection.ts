import { useCallback, useState } from 'preact/hooks';
import { MOST_COMPARED } from '../../logic/addresses.ts';

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
