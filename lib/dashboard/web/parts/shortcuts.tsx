import type { JSX } from 'preact';
import { useLocation } from 'preact-iso/router';
import { useEffect, useState } from 'preact/hooks';
import { useStored } from '../api/hooks.ts';
import { Dialog, Switch } from './controls.tsx';
import { Button } from './page.tsx';

const KEYS: readonly (readonly [keys: readonly string[], does: string])[] = [
  [['/'], 'Search'],
  [['g', 'o'], 'Go to the overview'],
  [['g', 'j'], 'Go to the list of jobs'],
  [['g', 'r'], 'Go to the runs'],
  [['g', 'm'], 'Go to the models'],
  [['j', '↓'], 'Next row of the list'],
  [['k', '↑'], 'Previous row of the list'],
  [['Enter'], 'Open it'],
  [['x'], 'Toggle selection'],
  [['c'], 'Compare the selected jobs'],
  [['?'], 'Show this help'],
];

/** Keys belong to a text field, to an open dialog, or to the browser. */
const isTaken = (event: KeyboardEvent): boolean =>
  event.ctrlKey ||
  event.metaKey ||
  event.altKey ||
  document.querySelector('dialog[open]') !== null ||
  (event.target instanceof HTMLElement &&
    event.target.matches(
      '[contenteditable], textarea, select, input:not([type=checkbox], [type=radio], [type=button])',
    ));

let enabled = true;
/** Listens for keys while shortcuts are on. Speech input may need them off. */
export const onShortcut = (handle: (event: KeyboardEvent) => void): (() => void) => {
  const listener = (event: KeyboardEvent) => {
    if (enabled && !isTaken(event)) handle(event);
  };
  addEventListener('keydown', listener);
  return () => removeEventListener('keydown', listener);
};

const SEQUENCE_MS = 1000;
const GO_TO = new Map(Object.entries({ o: '/', j: '/jobs', r: '/runs', m: '/models' }));

const useGlobalShortcuts = (showHelp: () => void): void => {
  const { route } = useLocation();
  useEffect(() => {
    let goPressed = 0;
    return onShortcut((event) => {
      const going = Date.now() - goPressed < SEQUENCE_MS;
      goPressed = event.key === 'g' ? Date.now() : 0;
      if (event.key === '?') showHelp();
      else if (going && GO_TO.has(event.key)) route(GO_TO.get(event.key) ?? '/');
      else if (event.key === '/') {
        event.preventDefault();
        const field = document.getElementById('search');
        if (field === null) route('/jobs#search');
        else field.focus();
      }
    });
  }, [route]);
};

/** The help button, and the keys that work on every page. */
export const Shortcuts = (): JSX.Element => {
  const [shown, setShown] = useState(false);
  const [setting, choose] = useStored('shortcuts', ['on', 'off']);
  enabled = setting === 'on';
  useGlobalShortcuts(() => setShown(true));
  return (
    <>
      <Button
        class="icon-button help-button strong"
        aria-label="Keyboard shortcuts"
        title="Keyboard shortcuts (?)"
        onClick={() => setShown(true)}
      >
        ?
      </Button>
      {shown && (
        <Dialog title="Keyboard shortcuts" onClose={() => setShown(false)}>
          <dl class="keys">
            {KEYS.map(([keys, does]) => (
              <div key={does}>
                <dt>
                  {keys.map((key) => (
                    <kbd key={key}>{key}</kbd>
                  ))}
                </dt>
                <dd>{does}</dd>
              </div>
            ))}
          </dl>
          <div class="flow dialog-actions">
            <Switch on={enabled} onChange={(on) => choose(on ? 'on' : 'off')}>
              Shortcuts are on
            </Switch>
            <Button onClick={() => setShown(false)}>Close</Button>
          </div>
        </Dialog>
      )}
    </>
  );
};
