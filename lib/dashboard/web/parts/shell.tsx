import type { JSX } from 'preact';
import { useLayoutEffect } from 'preact/hooks';
import { useLiveState, useSession, useStored } from '../api/hooks.ts';
import { liveProblem, type LiveState } from '../api/live.ts';
import { MoonIcon, SunIcon, SystemIcon } from './icons.tsx';
import { Shortcuts } from './shortcuts.tsx';
import { Button } from './page.tsx';

const THEMES = ['system', 'light', 'dark'] as const;
type Theme = (typeof THEMES)[number];

const LOOKS: Readonly<Record<Theme, readonly [label: string, Icon: typeof SunIcon]>> = {
  system: ['Theme: system', SystemIcon],
  light: ['Theme: light', SunIcon],
  dark: ['Theme: dark', MoonIcon],
};

const themeListeners = new Set<() => void>();
/** Calls back when colours change: a canvas does not follow them. */
export const onThemeChange = (listener: () => void): (() => void) => {
  const system = matchMedia('(prefers-color-scheme: dark)');
  themeListeners.add(listener);
  system.addEventListener('change', listener);
  return () => {
    themeListeners.delete(listener);
    system.removeEventListener('change', listener);
  };
};

/** One button: the system's theme, light, dark. The browser remembers the choice. */
const ThemeSwitch = (): JSX.Element => {
  const [theme, choose] = useStored('theme', THEMES);
  useLayoutEffect(() => {
    const root = document.documentElement;
    if (theme === 'system') delete root.dataset['theme'];
    else root.dataset['theme'] = theme;
    for (const listener of themeListeners) listener();
  }, [theme]);
  const [label, Icon] = LOOKS[theme];
  const next = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? 'system';
  return (
    <Button class="icon-button" title={label} onClick={() => choose(next)}>
      <Icon />
    </Button>
  );
};

const LIVE: Readonly<Record<LiveState, readonly [word: string, title: string]>> = {
  connecting: ['Connecting', 'Connecting to the dashboard’s server'],
  live: ['Live', 'Changes appear here automatically'],
  lost: ['Reconnecting', 'The server does not respond. This page may be out of date.'],
  problem: ['No updates', 'The table cannot be read'],
};

const LiveIndicator = (): JSX.Element => {
  const state = useLiveState();
  const [word, title] = LIVE[state];
  return (
    <span
      class={`live row small nowrap live-${state}`}
      title={state === 'problem' ? (liveProblem() ?? title) : title}
      role="status"
    >
      <span class="live-dot" aria-hidden="true" />
      <span class="live-word">{word}</span>
      {state === 'problem' && <span class="sr-only">: {liveProblem()}</span>}
    </span>
  );
};

const Mark = (): JSX.Element => (
  <svg class="mark" viewBox="0 0 32 32" width="24" height="24" aria-hidden="true" focusable="false">
    <rect width="32" height="32" rx="8" class="mark-ground" />
    <path d="M7 9c3.500 9 8 12.500 18 13.500" class="mark-curve" />
    <circle cx="25" cy="22.500" r="3" class="mark-dot" />
  </svg>
);

const PAGES = [
  ['/', 'Overview'],
  ['/jobs', 'Jobs'],
  ['/runs', 'Runs'],
  ['/models', 'Models'],
  ['/scopes', 'Scopes'],
] as const;

const isCurrent = (path: string, page: string): boolean => (page === '/' ? path === '/' : path.startsWith(page));

export const Header = ({ path }: { readonly path: string }): JSX.Element => {
  const session = useSession();
  return (
    <header class="header">
      <div class="header-content">
        <a class="row brand" href="/" aria-label="Bedrock job tracker">
          <Mark />
          <span class="brand-name">Bedrock job tracker</span>
        </a>
        <nav class="nav" aria-label="Pages">
          {PAGES.filter(([page]) => page !== '/scopes' || session?.isHub === true).map(([page, name]) => (
            <a key={page} href={page} aria-current={isCurrent(path, page) ? 'page' : undefined}>
              {name}
            </a>
          ))}
        </nav>
        <div class="row end">
          {session !== undefined && (
            <span class="table-name truncate" title={`Table ${session.tableName} in ${session.region}`}>
              {session.tableName}
            </span>
          )}
          <LiveIndicator />
          <ThemeSwitch />
          <Shortcuts />
        </div>
      </div>
    </header>
  );
};
