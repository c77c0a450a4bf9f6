import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { announce } from './announce.ts';
import { CopiedIcon, CopyIcon } from './icons.tsx';

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
