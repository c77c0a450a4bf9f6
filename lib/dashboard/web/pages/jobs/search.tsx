import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { withMember } from '../../logic/jobs-query.ts';
import { SearchIcon } from '../../parts/icons.tsx';
import type { QueryProps } from './query-props.ts';

const TYPING_MS = 250;

/** What is written becomes the question when the person pauses. */
export const Search = ({ query, onChange }: QueryProps): JSX.Element => {
  const [text, setText] = useState(query.search ?? '');
  const field = useRef<HTMLInputElement>(null);
  const asked = useRef(query.search ?? '');
  useEffect(() => {
    // Somewhere else the question changed: the field follows.
    if ((query.search ?? '') !== asked.current) {
      asked.current = query.search ?? '';
      setText(asked.current);
    }
  }, [query.search]);
  useEffect(() => {
    if (text.trim() === asked.current) return undefined;
    const timer = setTimeout(() => {
      asked.current = text.trim();
      onChange(withMember(query, 'search', asked.current), true);
    }, TYPING_MS);
    return () => clearTimeout(timer);
  }, [text, query, onChange]);
  useEffect(() => {
    if (location.hash === '#search') field.current?.focus();
  }, []);
  return (
    <label class="search">
      <span class="sr-only">Search by name, ARN or id</span>
      <SearchIcon />
      <input
        ref={field}
        id="search"
        class="field"
        type="search"
        placeholder="Search by name, ARN or id"
        autocomplete="off"
        spellcheck={false}
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
      />
      <kbd aria-hidden="true">/</kbd>
    </label>
  );
};
