import type { JSX } from 'preact';
import { useLayoutEffect } from 'preact/hooks';
import { useStored } from '../api/stored.ts';
import { MoonIcon, SunIcon, SystemIcon } from './icons.tsx';

const THEMES = ['system', 'light', 'dark'] as const;
type Theme = (typeof THEMES)[number];

const LOOKS: Readonly<Record<Theme, readonly [label: string, Icon: typeof SunIcon]>> = {
  system: ['Theme: as the system', SystemIcon],
  light: ['Theme: light', SunIcon],
  dark: ['Theme: dark', MoonIcon],
};

const themeListeners = new Set<() => void>();
/** Tells when colours change: what is drawn on a canvas does not follow by itself. */
export const onThemeChange = (listener: () => void): (() => void) => {
  const system = matchMedia('(prefers-color-scheme: dark)');
  themeListeners.add(listener);
  system.addEventListener('change', listener);
  return () => {
    themeListeners.delete(listener);
    system.removeEventListener('change', listener);
  };
};

/** One button that goes from the system's setting to light to dark; the choice is remembered. */
export const ThemeSwitch = (): JSX.Element => {
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
    <button type="button" class="icon-button" aria-label={label} title={label} onClick={() => choose(next)}>
      <Icon />
    </button>
  );
};
