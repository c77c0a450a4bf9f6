import type { ComponentChildren, ComponentProps, JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { BestIcon, CopiedIcon, CopyIcon } from './icons.tsx';
import { announce, Button, focusHeading } from './page.tsx';

interface CopyProps {
  readonly text: string;
  /** What is copied, for people who cannot see what the button stands beside. */
  readonly what: string;
}

export const CopyButton = ({ text, what }: CopyProps): JSX.Element | null => {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return undefined;
    const timer = setTimeout(() => setCopied(false), 1600);
    return () => clearTimeout(timer);
  }, [copied]);
  // Over plain HTTP from another machine, browsers do not offer a clipboard.
  if (!isSecureContext) return null;
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
    announce(`Copied ${what}`);
  };
  return (
    <Button class="icon-button copy" title={`Copy ${what}`} onClick={() => void copy()}>
      {copied ? <CopiedIcon class="tone-completed" /> : <CopyIcon />}
    </Button>
  );
};

/** An identifier or location, with a button to copy it. */
export const Code = ({ text, what }: CopyProps): JSX.Element => (
  <span class="code">
    <code>{text}</code>
    <CopyButton text={text} what={what} />
  </span>
);

/** Marks the best value of a row or column. */
export const Best = ({ title = 'Best' }: { readonly title?: string }): JSX.Element => (
  <span class="best" title={title}>
    <BestIcon />
    <span class="sr-only">{title}: </span>
  </span>
);

interface SwitchProps {
  readonly on: boolean;
  readonly onChange: (on: boolean) => void;
  readonly children: ComponentChildren;
}

export const Switch = ({ on, onChange, children }: SwitchProps): JSX.Element => (
  <label class="row switch">
    <input type="checkbox" checked={on} onChange={(event) => onChange(event.currentTarget.checked)} />
    {children}
  </label>
);

/** A switch as a chip, for a view. */
export const Chip = ({ on, onChange, children }: SwitchProps): JSX.Element => (
  <Button class="chip" aria-pressed={on} onClick={() => onChange(!on)}>
    {children}
  </Button>
);

type FieldProps = ComponentProps<'input'> & { readonly onText: (text: string) => void };

/** One line of text. */
export const Field = ({ onText, ...input }: FieldProps): JSX.Element => (
  <input class="field" spellcheck={false} onInput={(event) => onText(event.currentTarget.value)} {...input} />
);

interface SelectProps {
  readonly value: string | undefined;
  readonly options: readonly (readonly [value: string, name: string])[];
  readonly onChange: (value: string) => void;
  /** Whether a choice is to stand out. */
  readonly isFilter?: boolean;
}

export const Select = ({ value, options, onChange, isFilter = false }: SelectProps): JSX.Element => (
  <select
    class={`field ${isFilter && value ? 'field-set' : ''}`}
    value={value}
    onChange={(event) => onChange(event.currentTarget.value)}
  >
    {options.map(([option, name]) => (
      <option key={option} value={option}>
        {name}
      </option>
    ))}
  </select>
);

/** With its name beside it; nothing where nothing can be chosen. */
export const Choice = ({ label, ...select }: SelectProps & { readonly label: string }): JSX.Element | null =>
  select.options.length === 0 ? null : (
    <label class="row plot-choice">
      <span class="muted">{label}</span>
      <Select {...select} />
    </label>
  );

interface DialogProps {
  readonly title: string;
  readonly class?: string;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}

/** The browser's own modal dialog: it keeps the focus and closes on Escape. */
export const Dialog = ({ title, class: name = '', onClose, children }: DialogProps): JSX.Element => {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const opener = document.activeElement;
    dialog.current?.showModal();
    // Browsers give the focus back when a dialog closes, not when it is removed. The page is drawn by then.
    return () =>
      setTimeout(() => {
        if (opener instanceof HTMLElement && opener !== document.body && opener.isConnected) opener.focus();
        else focusHeading();
      });
  }, []);
  return (
    <dialog
      ref={dialog}
      class={`dialog ${name}`}
      aria-labelledby="dialog-title"
      onClose={onClose}
      // A click beside the content hits the dialog itself.
      onClick={(event) => event.target === dialog.current && onClose()}
    >
      <div class="dialog-content">
        <h2 id="dialog-title">{title}</h2>
        {children}
      </div>
    </dialog>
  );
};

interface TableProps {
  readonly label: string;
  readonly columns: readonly (string | readonly [heading: string, look: 'right' | 'sr-only'])[];
  readonly class?: string;
  readonly caption?: string;
  readonly children: ComponentChildren;
}

/** A table that scrolls sideways, by keyboard too. */
export const Table = ({ label, columns, class: name = '', caption, children }: TableProps): JSX.Element => (
  <div class={`scroll ${name}`} role="group" aria-label={label} tabIndex={0}>
    <table class="table">
      {caption !== undefined && <caption class="muted">{caption}</caption>}
      <thead>
        <tr>
          {columns.map((column) => {
            const [heading, look = ''] = typeof column === 'string' ? [column] : column;
            return (
              <th key={heading} scope="col" class={look === 'right' ? look : ''}>
                {look === 'sr-only' ? <span class={look}>{heading}</span> : heading}
              </th>
            );
          })}
        </tr>
      </thead>
      <tbody>{children}</tbody>
    </table>
  </div>
);

/** Rows of a page: the document stays light, whatever is loaded. */
export const ROWS = 100;

interface PagerProps {
  readonly page: number;
  readonly rows: number;
  readonly onPage: (page: number) => void;
}

export const Pager = ({ page, rows, onPage }: PagerProps): JSX.Element | null => {
  if (rows <= ROWS) return null;
  const last = Math.ceil(rows / ROWS) - 1;
  const to = Math.min(rows, (page + 1) * ROWS);
  return (
    <nav class="flow list-end" aria-label="Rows">
      <Button disabled={page === 0} onClick={() => onPage(page - 1)}>
        Previous
      </Button>
      <span role="status">
        Rows {(page * ROWS + 1).toLocaleString('en')} to {to.toLocaleString('en')} of {rows.toLocaleString('en')}
      </span>
      <Button disabled={page === last} onClick={() => onPage(page + 1)}>
        Next
      </Button>
    </nav>
  );
};
