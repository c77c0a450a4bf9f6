import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { JOB_STATUSES } from '../../../../domain/record.ts';
import type { JobsQuery } from '../../../api.ts';
import { endOfDay, firstDay, lastDay, startOfDay, tagFilterLabel, withMember } from '../../logic/addresses.ts';
import { statusLabel } from '../../logic/format.ts';
import { CloseIcon } from '../../parts/icons.tsx';
import { StatusIcon } from '../../parts/job.tsx';

/** What each filter takes. */
export interface QueryProps {
  readonly query: JobsQuery;
  /** Changes the question; without a step in the history where it replaces. */
  readonly onChange: (query: JobsQuery, replace?: boolean) => void;
}

export const StatusChips = ({ query, onChange }: QueryProps): JSX.Element => {
  const chosen = query.status ?? [];
  const others = chosen.filter((status) => !(JOB_STATUSES as readonly string[]).includes(status));
  const toggle = (status: string) =>
    onChange(
      withMember(
        query,
        'status',
        chosen.includes(status) ? chosen.filter((each) => each !== status) : [...chosen, status],
      ),
    );
  return (
    <div class="chips" role="group" aria-label="Status">
      <button
        type="button"
        class="chip"
        aria-pressed={query.active === true}
        onClick={() => onChange(withMember(query, 'active', query.active === true ? undefined : true))}
      >
        Active
      </button>
      {[...JOB_STATUSES, ...others].map((status) => (
        <button
          key={status}
          type="button"
          class="chip"
          aria-pressed={chosen.includes(status)}
          onClick={() => toggle(status)}
        >
          <StatusIcon status={status} />
          {statusLabel(status)}
        </button>
      ))}
    </div>
  );
};

interface ChoiceProps {
  readonly label: string;
  readonly any: string;
  readonly value: string | undefined;
  readonly options: readonly string[];
  readonly say: (option: string) => string;
  readonly onChoose: (option: string | undefined) => void;
}

export const Choice = ({ label, any, value, options, say, onChoose }: ChoiceProps): JSX.Element => {
  // What the address asks for is among the choices even where nothing else knows of it.
  const all = value === undefined || options.includes(value) ? options : [value, ...options];
  return (
    <label class="filter">
      <span class="filter-name">{label}</span>
      <select
        class={`field ${value === undefined ? '' : 'field-set'}`}
        value={value ?? ''}
        onChange={(event) => onChoose(event.currentTarget.value === '' ? undefined : event.currentTarget.value)}
      >
        <option value="">{any}</option>
        {all.map((option) => (
          <option key={option} value={option}>
            {say(option)}
          </option>
        ))}
      </select>
    </label>
  );
};

export const Tags = ({ query, onChange }: QueryProps): JSX.Element => {
  const [text, setText] = useState('');
  const tags = query.tag ?? [];
  const add = () => {
    const tag = text.trim();
    if (tag !== '') onChange(withMember(query, 'tag', [...new Set([...tags, tag])]));
    setText('');
  };
  return (
    <div class="filter">
      <label class="filter-name" for="tag">
        Tag
      </label>
      <form
        class="tag-filter"
        onSubmit={(event) => {
          event.preventDefault();
          add();
        }}
      >
        {tags.map((tag) => (
          <button
            key={tag}
            type="button"
            class="chip"
            aria-label={`Remove the filter for tag ${tagFilterLabel(tag)}`}
            onClick={() =>
              onChange(
                withMember(
                  query,
                  'tag',
                  tags.filter((each) => each !== tag),
                ),
              )
            }
          >
            <span class="chip-text">{tagFilterLabel(tag)}</span>
            <CloseIcon />
          </button>
        ))}
        <input
          id="tag"
          class="field"
          placeholder="key or key:value"
          autocomplete="off"
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
          onBlur={add}
        />
      </form>
    </div>
  );
};

export const Created = ({ query, onChange }: QueryProps): JSX.Element => (
  <fieldset class="filter created">
    <legend class="filter-name">Created (UTC)</legend>
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
