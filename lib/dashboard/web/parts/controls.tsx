import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { CopiedIcon, CopyIcon } from './icons.tsx';
import { announce } from './page.tsx';

interface CopyProps {
  readonly text: string;
  /** What is copied, for who cannot see what the button stands beside. */
  readonly what: string;
}

export const CopyButton = ({ text, what }: CopyProps): JSX.Element | null => {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return undefined;
    const timer = setTimeout(() => setCopied(false), 1600);
    return () => clearTimeout(timer);
  }, [copied]);
  // Over plain HTTP from another machine browsers give no clipboard.
  if (!isSecureContext) return null;
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
    announce(`Copied ${what}`);
  };
  return (
    <button
      type="button"
      class="icon-button copy"
      aria-label={`Copy ${what}`}
      title={`Copy ${what}`}
      onClick={() => void copy()}
    >
      {copied ? <CopiedIcon class="tone-completed" /> : <CopyIcon />}
    </button>
  );
};

/** Something that is read by machines: as it is, and to be copied. */
export const Code = ({ text, what }: CopyProps): JSX.Element => (
  <span class="code">
    <code>{text}</code>
    <CopyButton text={text} what={what} />
  </span>
);

interface DialogProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}

/** The browser's own modal dialog: it keeps the focus, closes by Escape, and gives the focus back. */
export const Dialog = ({ title, onClose, children }: DialogProps): JSX.Element => {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => element?.close();
  }, []);
  return (
    <dialog
      ref={dialog}
      class="dialog"
      aria-labelledby="dialog-title"
      onClose={onClose}
      onClick={(event) => {
        // What is clicked is the dialog itself only where the click was beside its content.
        if (event.target === dialog.current) onClose();
      }}
    >
      <div class="dialog-content">
        <h2 id="dialog-title">{title}</h2>
        {children}
      </div>
    </dialog>
  );
};
