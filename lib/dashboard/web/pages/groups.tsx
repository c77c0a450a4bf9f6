import type { JSX } from 'preact';
import { useLocation } from 'preact-iso/router';
import { Figure } from '../parts/page.tsx';
import { Search } from './jobs/fields.tsx';

/** The group and search that an address shows, and where others lead. */
export const useGroups = <Group extends string>(page: string, groups: readonly Group[]) => {
  const { url, route } = useLocation();
  const params = new URLSearchParams(url.split('#')[0]?.split('?')[1]);
  const search = params.get('search') ?? '';
  const group = groups.find((each) => each === params.get('show'));
  const queryOf = (show: Group | undefined, text = search) =>
    new URLSearchParams({ ...(show && { show }), ...(text && { search: text }) }).toString();
  const query = queryOf(group);
  return { group, search, query, pathOf: (show?: Group, text?: string) => `${page}?${queryOf(show, text)}`, route };
};

interface GroupFiltersProps<Group extends string> {
  readonly view: ReturnType<typeof useGroups<Group>>;
  readonly by?: string;
  readonly figures: readonly (readonly [group: Group, name: string, count: number, note: string, tone: string])[];
}

/** A number for each group, which shows that group alone, and a search. */
export const GroupFilters = <Group extends string>({ view, by, figures }: GroupFiltersProps<Group>): JSX.Element => (
  <>
    <ul class="figures" aria-label="Filters">
      {figures.map(([group, name, count, note, tone]) => (
        <Figure
          key={group}
          {...{ name, note, value: count.toLocaleString('en'), tone: count > 0 ? tone : '' }}
          href={view.pathOf(group === view.group ? undefined : group)}
          isCurrent={group === view.group}
        />
      ))}
    </ul>
    <div class="filters" role="search">
      <Search
        query={{ search: view.search }}
        by={by}
        onChange={({ search = '' }) => view.route(view.pathOf(view.group, search), true)}
      />
    </div>
  </>
);
