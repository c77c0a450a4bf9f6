import type { ComponentChildren, JSX } from 'preact';

const icon =
  (drawing: ComponentChildren) =>
  ({ class: className = '' }: { readonly class?: string }): JSX.Element => (
    <svg class={`icon ${className}`} viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false">
      {drawing}
    </svg>
  );

const line = { fill: 'none', stroke: 'currentColor', 'stroke-width': 1.6, 'stroke-linecap': 'round' } as const;
const round = { ...line, 'stroke-linejoin': 'round' } as const;

const disc = (cut: string) => (
  <>
    <circle cx="8" cy="8" r="7" fill="currentColor" />
    <path d={cut} class="icon-cut" />
  </>
);
const ring = <circle cx="8" cy="8" r="6.200" {...line} />;
const dashes = (pattern: string) => <circle cx="8" cy="8" r="6.200" {...line} stroke-dasharray={pattern} />;
const square = <rect x="5.600" y="5.600" width="4.800" height="4.800" rx="1" fill="currentColor" />;
const dot = (radius: number) => <circle cx="8" cy="8" r={radius} fill="currentColor" />;

export const CheckIcon = icon(disc('M4.800 8.200l2.200 2.200 4.200-4.600'));
export const CrossIcon = icon(disc('M5.500 5.500l5 5m0-5l-5 5'));
export const UnknownIcon = icon([dashes('1 2.400'), dot(1.8)]);

/** One shape for each status, so that a status can be told without its colour. */
export const STATUS_ICONS = {
  Completed: CheckIcon,
  Failed: CrossIcon,
  InProgress: icon(
    <>
      <circle cx="8" cy="8" r="6.200" {...line} opacity="0.35" />
      <path d="M8 1.800a6.200 6.200 0 0 1 6.200 6.200" {...line} class="icon-turn" />
      {dot(2.2)}
    </>,
  ),
  Stopping: icon([dashes('2.600 2.200'), square]),
  Stopped: icon([ring, square]),
  NotStarted: icon(<circle cx="8" cy="8" r="6.200" {...line} opacity="0.6" />),
} as const;

export const CopyIcon = icon(
  <>
    <rect x="5.500" y="5.500" width="8" height="8" rx="1.800" {...round} />
    <path
      d="M10.500 3.800v-.3a1.500 1.500 0 0 0-1.500-1.500H4A1.500 1.500 0 0 0 2.500 3.500V9A1.500 1.500 0 0 0 4 10.500h-.2"
      {...round}
    />
  </>,
);
export const CopiedIcon = icon(<path d="M3 8.500l3.300 3.300L13 4.800" {...round} />);
export const SearchIcon = icon(
  <>
    <circle cx="7" cy="7" r="4.500" {...line} />
    <path d="M10.500 10.500L14 14" {...line} />
  </>,
);
export const SunIcon = icon(
  <>
    <circle cx="8" cy="8" r="3" {...line} />
    <path
      d="M8 1v1.500M8 13.500V15M1 8h1.500M13.500 8H15M3 3l1.100 1.100M11.900 11.900L13 13M13 3l-1.100 1.100M4.100 11.900L3 13"
      {...line}
    />
  </>,
);
export const MoonIcon = icon(<path d="M13.500 9.500A6 6 0 0 1 6.500 2.500a6 6 0 1 0 7 7z" {...round} />);
export const SystemIcon = icon(
  <>
    <rect x="1.800" y="2.500" width="12.400" height="8.500" rx="1.500" {...round} />
    <path d="M5.500 13.800h5" {...line} />
  </>,
);
export const WarningIcon = icon(<path d="M8 2.200l6.300 11.300H1.700zM8 6.500v3.200M8 11.500v.1" {...round} />);
export const BestIcon = icon(
  <path
    d="M8 1.800l1.900 3.900 4.300.6-3.100 3 .7 4.300L8 11.600l-3.800 2 .7-4.300-3.100-3 4.300-.6z"
    fill="currentColor"
  />,
);
export const BellIcon = icon(
  <path d="M3.500 11.500h9l-1.200-2V7a3.300 3.300 0 0 0-6.600 0v2.500zM6.800 13.600h2.400" {...round} />,
);
export const CloseIcon = icon(<path d="M4 4l8 8m0-8l-8 8" {...line} />);
