import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { JobSummary, JobsQuery, Overview } from '../../../api.ts';
import { peek } from '../../api/cache.ts';
import { useSession } from '../../api/hooks.ts';
import { API } from '../../api/http.ts';
import { filterCount, withMember, withoutFilters } from '../../logic/addresses.ts';
import { modelName, scopeLabel, typeLabel } from '../../logic/format.ts';
import { SearchIcon } from '../../parts/icons.tsx';
import { Choice, Created, type QueryProps, StatusChips, Tags } from './fields.tsx';

const TYPING_MS = 250;

/** What is written becomes the question when the person pauses. */
const Search = ({ query, onChange }: QueryProps): JSX.Element => {
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

interface FiltersProps extends QueryProps {
  /** Those that are listed: what they have can be chosen. */
  readonly jobs: readonly JobSummary[];
}

const SORTS = [
  ['', 'Newest first'],
  ['creation_time/oldest', 'Oldest first'],
  ['last_modified_time/newest', 'Last changed first'],
  ['last_modified_time/oldest', 'Longest unchanged first'],
] as const;

const sortOf = ({ sortBy = 'creation_time', order = 'newest' }: JobsQuery): string =>
  SORTS.find(([value]) => value === `${sortBy}/${order}`)?.[0] ?? '';

const withSort = (query: JobsQuery, sort: string): JobsQuery => {
  const [sortBy, order] = sort.split('/') as [JobsQuery['sortBy'] | '', JobsQuery['order']];
  return withMember(withMember(query, 'sortBy', sortBy === '' ? undefined : sortBy), 'order', order);
};

/** Everything by which the list can be narrowed; each change is a change of the address. */
export const Filters = ({ query, jobs, onChange }: FiltersProps): JSX.Element => {
  const session = useSession();
  const known = peek<Overview>(API.overview).value?.models ?? [];
  const [open, setOpen] = useState(false);
  const models = [
    ...new Set([...known.map((model) => model.baseModelArn), ...jobs.flatMap((job) => job.base_model_arn ?? [])]),
  ].sort();
  const types = [
    ...new Set([
      'FINE_TUNING',
      'CONTINUED_PRE_TRAINING',
      'DISTILLATION',
      'REINFORCEMENT_FINE_TUNING',
      'IMPORTED',
      ...jobs.flatMap((job) => job.customization_type ?? []),
    ]),
  ];
  const count = filterCount(query);
  return (
    <div class={`filters ${open ? 'filters-open' : ''}`} role="search">
      <div class="filters-first">
        <Search query={query} onChange={onChange} />
        <label class="sort">
          <span class="sr-only">Sort</span>
          <select
            class="field"
            value={sortOf(query)}
            onChange={(event) => onChange(withSort(query, event.currentTarget.value))}
          >
            {SORTS.map(([value, name]) => (
              <option key={value} value={value}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <button type="button" class="button filters-toggle" aria-expanded={open} onClick={() => setOpen(!open)}>
          Filters{count > 0 ? ` (${count})` : ''}
        </button>
      </div>
      <div class="chips-row">
        <StatusChips query={query} onChange={onChange} />
        {count > 0 && (
          <button type="button" class="link-button filters-clear" onClick={() => onChange(withoutFilters(query))}>
            Clear {count === 1 ? 'the filter' : `${count} filters`}
          </button>
        )}
      </div>
      <div class="filters-more">
        <Choice
          label="Scope"
          any="All scopes"
          value={query.scope}
          options={session?.scopes ?? []}
          say={scopeLabel}
          onChoose={(scope) => onChange(withMember(query, 'scope', scope))}
        />
        <Choice
          label="Base model"
          any="All models"
          value={query.baseModel}
          options={models}
          say={modelName}
          onChoose={(model) => onChange(withMember(query, 'baseModel', model))}
        />
        <Choice
          label="Type"
          any="All types"
          value={query.customizationType}
          options={types}
          say={typeLabel}
          onChoose={(type) => onChange(withMember(query, 'customizationType', type))}
        />
        <Tags query={query} onChange={onChange} />
        <Created query={query} onChange={onChange} />
      </div>
    </div>
  );
};
