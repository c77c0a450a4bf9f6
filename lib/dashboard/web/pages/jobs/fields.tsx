import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { JOB_STATUSES } from '../../../../domain/record.ts';
import { formatTagFilter, parseTagFilter, tagFilterProblem } from '../../../../domain/tag-filter.ts';
import type { JobsQuery } from '../../../api.ts';
import { endOfDay, firstDay, lastDay, startOfDay, tagFilterLabel, withMember } from '../../logic/addresses.ts';
import { statusLabel } from '../../logic/format.ts';
import { Chip, Select } from '../../parts/controls.tsx';
import { CloseIcon, SearchIcon } from '../../parts/icons.tsx';
import { StatusIcon } from '../../parts/job.tsx';
import { Button } from '../../parts/page.tsx';

/** What each filter takes. */
export interface QueryProps {
  readonly query: JobsQuery;
  /** Changes the address; `replace` adds no step to the browser's history. */
  readonly onChange: (query: JobsQuery, replace?: boolean) => void;
}

const TYPING_MS = 250;

/** Searches when the person stops typing. */
export const Search = ({
  query,
  onChange,
  by = 'name, ARN or id',
}: QueryProps & { readonly by?: string | undefined }): JSX.Element => {
  const { search = '' } = query;
  const label = `Search by ${by}`;
  const [text, setText] = useState(search);
  const field = useRef<HTMLInputElement>(null);
  const asked = useRef(search);
  useEffect(() => {
    // The query changed elsewhere: the field follows.
    if (search !== asked.current) {
      asked.current = search;
      setText(search);
    }
  }, [search]);
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
      <span class="sr-only">{label}</span>
      <SearchIcon />
      <input
        ref={field}
        id="search"
        class="field"
        type="search"
        placeholder={label}
        autocomplete="off"
        spellcheck={false}
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
      />
      <kbd aria-hidden="true">/</kbd>
    </label>
  );
};

/** The list without a member, or with it at its end. */
export const toggled = (list: readonly string[], member: string): string[] =>
  list.includes(member) ? list.filter((each) => each !== member) : [...list, member];

export const StatusChips = ({ query, onChange }: QueryProps): JSX.Element => {
  const { status: chosen = [], active = false } = query;
  const statuses = [...new Set<string>([...JOB_STATUSES, ...chosen])];
  return (
    <div class="chips" role="group" aria-label="Status">
      <Chip on={active} onChange={(on) => onChange(withMember(query, 'active', on || undefined))}>
        Active
      </Chip>
      {statuses.map((status) => (
        <Chip
          key={status}
          on={chosen.includes(status)}
          onChange={() => onChange(withMember(query, 'status', toggled(chosen, status)))}
        >
          <StatusIcon status={status} />
          {statusLabel(status)}
        </Chip>
      ))}
    </div>
  );
};

interface ChoiceProps extends QueryProps {
  readonly name: 'scope' | 'baseModel' | 'customizationType';
  readonly label: string;
  readonly any: string;
  readonly options: readonly string[];
  readonly format: (option: string) => string;
}

export const Choice = ({ query, onChange, name, label, any, options, format }: ChoiceProps): JSX.Element => {
  const value = query[name] ?? '';
  // The address may have a value that no other source knows.
  const all = value === '' || options.includes(value) ? options : [value, ...options];
  return (
    <label class="filter">
      <span class="muted small">{label}</span>
      <Select
        value={value}
        options={[['', any], ...all.map((option) => [option, format(option)] as const)]}
        onChange={(next) => onChange(withMember(query, name, next))}
        isFilter
      />
    </label>
  );
};

export const Tags = ({ query, onChange }: QueryProps): JSX.Element => {
  const [text, setText] = useState('');
  const field = useRef<HTMLInputElement>(null);
  const { tag: tags = [] } = query;
  const change = (next: readonly string[]) => onChange(withMember(query, 'tag', next));
  const tag = parseTagFilter(text);
  const problem = tag && tagFilterProblem(tag);
  const add = () => {
    if (problem !== undefined) return;
    if (tag !== undefined) change([...new Set([...tags, formatTagFilter(tag)])]);
    setText('');
  };
  const remove = (filter: string) => {
    change(toggled(tags, filter));
    // The button that had the focus is gone.
    field.current?.focus();
  };
  return (
    <div class="filter">
      <label class="muted small" for="tag">
        Tag
      </label>
      <form
        class="tag-filter"
        onSubmit={(event) => {
          event.preventDefault();
          add();
        }}
      >
        {tags.map((filter) => (
          <Button
            key={filter}
            class="chip"
            aria-label={`Remove the filter for tag ${tagFilterLabel(filter)}`}
            onClick={() => remove(filter)}
          >
            <span class="chip-text truncate">{tagFilterLabel(filter)}</span>
            <CloseIcon />
          </Button>
        ))}
        <input
          ref={field}
          id="tag"
          class="field"
          aria-invalid={problem !== undefined}
          aria-describedby="tag-problem"
          placeholder="key or key:value"
          autocomplete="off"
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
          onBlur={add}
        />
      </form>
      <span id="tag-problem" class="field-problem small" role="status">
        {problem}
      </span>
    </div>
  );
};

export const Created = ({ query, onChange }: QueryProps): JSX.Element => (
  <fieldset class="filter created">
    <legend class="muted small">Created (UTC)</legend>
    <input
      class="field"
      type="date"
      aria-label="Created on or after"
      value={firstDay(query)}
      max={lastDay(query)}
      onChange={(event) => onChange(withMember(query, 'createdAfter', startOfDay(event.currentTarget.value)))}
    />
    <span class="muted">to</span>
    <input
      class="field"
      type="date"
      aria-label="Created on or before"
      value={lastDay(query)}
      min={firstDay(query)}
      onChange={(event) => onChange(withMember(query, 'createdBefore', endOfDay(event.currentTarget.value)))}
    />
  </fieldset>
);
