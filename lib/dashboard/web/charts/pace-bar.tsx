import type { JSX } from 'preact';
import type { Pace } from '../logic/usual.ts';

const share = (value: number): string => `${(value * 100).toFixed(2)}%`;

/** Elapsed time against the usual; the text beside it says the same. */
export const PaceBar = ({ pace }: { readonly pace: Pace }): JSX.Element => (
  <div class={`pace pace-${pace.verdict}`} aria-hidden="true">
    <div class="pace-fill" style={{ width: share(pace.elapsed) }} />
    <div class="pace-mark" style={{ left: share(pace.p50) }} title="Half of such jobs completed by here" />
    <div
      class="pace-mark pace-mark-late"
      style={{ left: share(pace.p95) }}
      title="95 % of such jobs completed by here"
    />
  </div>
);
