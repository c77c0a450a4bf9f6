import type { ComponentChildren, JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { JobsQuery, JobSummary } from '../../../api.ts';
import { useOverview, useSession } from '../../api/hooks.ts';
import { filterCount, withMember, withoutFilters } from '../../logic/addresses.ts';
import { modelName, scopeLabel, typeLabel, TYPES } from '../../logic/format.ts';
import { Select } from '../../parts/controls.tsx';
import { Choice, Created, Search, StatusChips, Tags, type QueryProps } from './fields.tsx';
import { Button } from '../../parts/page.tsx';

const SORTS = [
  ['creation_time/newest', 'Newest first'],
  ['creation_time/oldest', 'Oldest first'],
  ['last_modified_time/newest', 'Last changed first'],
  ['last_modified_time/oldest', 'Longest unchanged first'],
] as const;

const Sort = ({ query, onChange }: QueryProps): JSX.Element => {
  const { scope, baseModel, order = 'newest' } = query;
  const isOfHub = useSession()?.isHub === true && (scope ?? baseModel) === undefined;
  const { sortBy = isOfHub ? 'last_modified_time' : 'creation_time' } = query;
  const choose = (sort: string) => {
    const [by, next] = sort.split('/') as [JobsQuery['sortBy'], JobsQuery['order']];
    onChange(withMember(withMember(query, 'sortBy', by), 'order', next));
  };
  return (
    <label class="sort">
      <span class="sr-only">Sort</span>
      <Select value={`${sortBy}/${order}`} options={SORTS} onChange={choose} />
    </label>
  );
};

/** Names of models, with the Region where several Regions have one of that name. */
const modelLabels = (models: readonly string[]) => {
  const names = models.map(modelName);
  return (arn: string): string => {
    const name = modelName(arn);
    const region = arn.split(':')[3] ?? '';
    return region !== '' && names.filter((each) => each === name).length > 1 ? `${name} · ${region}` : name;
  };
};

interface FiltersProps extends QueryProps {
  /** The loaded jobs: their models and types can be chosen. */
  readonly jobs: readonly JobSummary[];
  /** False until the first jobs are loaded, where that should not wait for the overview. */
  readonly isLoaded?: boolean;
  /** In place of the order, which other pages choose elsewhere. */
  readonly children?: ComponentChildren;
}

/** All filters of the list. Each change changes the address. */
export const Filters = ({ jobs, isLoaded, children, ...props }: FiltersProps): JSX.Element => {
  const { query, onChange } = props;
  const session = useSession();
  const [open, setOpen] = useState(false);
  // The loaded jobs are few, or of one model: the overview knows the models of 30 days.
  const known = useOverview(isLoaded).value?.models ?? [];
  const models = [
    ...new Set([...known.map((model) => model.baseModelArn), ...jobs.flatMap((job) => job.base_model_arn ?? [])]),
  ].sort();
  const types = [...TYPES, ...jobs.flatMap((job) => job.customization_type ?? [])];
  const count = filterCount(query);
  return (
    <div class={`filters ${open ? 'filters-open' : ''}`} role="search">
      <div class="filters-first">
        <Search {...props} />
        {children ?? <Sort {...props} />}
        <Button class="button filters-toggle" aria-expanded={open} onClick={() => setOpen(!open)}>
          Filters{count > 0 ? ` (${count})` : ''}
        </Button>
      </div>
      <div class="chips-row">
        <StatusChips {...props} />
        {count > 0 && (
          <Button class="link-button end" onClick={() => onChange(withoutFilters(query))}>
            Clear {count === 1 ? 'the filter' : `${count} filters`}
          </Button>
        )}
      </div>
      <div class="filters-more">
        <Choice
          {...props}
          name="scope"
          label="Scope"
          any="All scopes"
          options={session?.scopes ?? []}
          format={scopeLabel}
        />
        <Choice
          {...props}
          name="baseModel"
          label="Base model"
          any="All models"
          options={models}
          format={modelLabels(query.baseModel === undefined ? models : [...new Set([query.baseModel, ...models])])}
        />
        <Choice
          {...props}
          name="customizationType"
          label="Type"
          any="All types"
          options={[...new Set(types)]}
          format={typeLabel}
        />
        <Tags {...props} />
        <Created {...props} />
      </div>
    </div>
  );
};
