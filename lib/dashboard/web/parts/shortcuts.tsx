import type { JSX } from 'preact';
import { useLocation } from 'preact-iso/router';
import { useEffect, useState } from 'preact/hooks';
import { useStored } from '../api/hooks.ts';
import { Dialog } from './controls.tsx';

const KEYS: readonly (readonly [keys: readonly string[], does: string])[] = [
  [['/'], 'Search jobs'],
  [['g', 'o'], 'Go to the overview'],
  [['g', 'j'], 'Go to the list of jobs'],
  [['j', '↓'], 'Next job of the list'],
  [['k', '↑'], 'Previous job of the list'],
  [['Enter'], 'Open the job'],
  [['x'], 'Select the job, or no longer'],
  [['c'], 'Compare the selected jobs'],
  [['?'], 'Show this help'],
];

/** True where keys belong to what is being written, or to the browser. */
const isTyping = (event: KeyboardEvent): boolean => {
  if (event.ctrlKey || event.metaKey || event.altKey) return true;
  const target = event.target;
  if (document.querySelector('dialog[open]') !== null) return true;
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || ['TEXTAREA', 'SELECT'].includes(target.tagName) || isTextField(target))
  );
};

const isTextField = (target: HTMLElement): boolean =>
  target instanceof HTMLInputElement && !['checkbox', 'radio', 'button'].includes(target.type);

let enabled = true;
/** Listens for keys while shortcuts are on: who speaks to their machine may have to turn them off. */
export const onShortcut = (handle: (event: KeyboardEvent) => void): (() => void) => {
  const listener = (event: KeyboardEvent) => {
    if (enabled && !isTyping(event)) handle(event);
  };
  addEventListener('keydown', listener);
  return () => removeEventListener('keydown', listener);
};

const SEQUENCE_MS = 1000;

const useGlobalShortcuts = (showHelp: () => void): void => {
  const { route } = useLocation();
  useEffect(() => {
    let goPressed = 0;
    return onShortcut((event) => {
      const going = Date.now() - goPressed < SEQUENCE_MS;
      goPressed = event.key === 'g' ? Date.now() : 0;
      if (event.key === '?') showHelp();
      else if (going && event.key === 'o') route('/');
      else if (going && event.key === 'j') route('/jobs');
      else if (event.key === '/' && location.pathname !== '/jobs') {
        event.preventDefault();
        route('/jobs#search');
      }
    });
  }, [route]);
};

/** The button that shows which keys do what, and the keys that work everywhere. */
export const Shortcuts = (): JSX.Element => {
  const [shown, setShown] = useState(false);
  const [setting, choose] = useStored('shortcuts', ['on', 'off']);
  enabled = setting === 'on';
  useGlobalShortcuts(() => setShown(true));
  return (
    <>
      <button
        type="button"
        class="icon-button help-button"
        aria-label="Keyboard shortcuts"
        title="Keyboard shortcuts (?)"
        onClick={() => setShown(true)}
      >
        ?
      </button>
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
          <div class="dialog-actions">
            <label class="switch">
              <input
                type="checkbox"
                checked={setting === 'on'}
                onChange={(event) => choose(event.currentTarget.checked ? 'on' : 'off')}
              />
              Shortcuts are on
            </label>
            <button type="button" class="button" onClick={() => setShown(false)}>
              Close
            </button>
          </div>
        </Dialog>
      )}
    </>
  );
};
