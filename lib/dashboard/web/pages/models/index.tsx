import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { belongsTo, IDLE_AFTER_MS, MODEL_GROUPS, modelUse, sumIdle } from '../../../../domain/idle.ts';
import type { ModelGroup, ModelUse as UseOf } from '../../../../domain/idle.ts';
import { DAY } from '../../../../domain/time.ts';
import type { CustomModelSummary, ModelsAnswer } from '../../../api.ts';
import { usePolled, useSession } from '../../api/hooks.ts';
import { API } from '../../api/http.ts';
import { formatCount, modelName, shortModelName } from '../../logic/format.ts';
import { Pager, ROWS, Table } from '../../parts/controls.tsx';
import { Status } from '../../parts/job.tsx';
import { firstEnd, ModelLink, ServedBy, sumWords, USE_COLUMNS, UseCells } from '../../parts/model.tsx';
import { useRules } from '../../parts/model.tsx';
import { Empty, Page, Problem, Skeleton } from '../../parts/page.tsx';
import { GroupFilters, useGroups } from '../groups.tsx';
import { useListKeys } from '../jobs/selection.tsx';

type ModelUse = UseOf<CustomModelSummary>;

const isRemoved = ({ model, serving }: ModelUse): boolean => model.missing_since !== undefined && serving.length === 0;

const textOf = ({ model, serving }: ModelUse): string =>
  [model.model_name, model.model_arn, ...serving.flatMap(({ entry }) => [entry.name, entry.arn])].join(' ');

type Sums = ReturnType<typeof sumIdle>;

/** The name of each group, and its rule with what its models cost so far. */
const RULES: Readonly<Record<ModelGroup, readonly [name: string, rule: (sums: Sums, days: string) => string]>> = {
  serving: ['Serving', () => 'a deployment or throughput serves it'],
  idle: [
    'Idle',
    ({ idle, idleADay }, days) =>
      `serves, without use for ${days}` +
      (idleADay.amount > 0 ? `: ${sumWords(idleADay, 'unit hours a day')}; ${sumWords(idle, 'since last use')}` : ''),
  ],
  orphaned: [
    'Orphaned',
    ({ orphaned }, days) =>
      `stored, and nothing served it for ${days}${orphaned.amount > 0 ? `: ${sumWords(orphaned, 'months')}` : ''}`,
  ],
  'ends-soon': ['Ends soon', () => 'a commitment ends within 30 days'],
};

/** What a group is sorted by: the first in need first. */
const NEED: Readonly<Record<ModelGroup, (use: ModelUse, now: Date) => number>> = {
  serving: () => 0,
  idle: (use) => -sumIdle([use]).idle.amount,
  orphaned: (use) => -(use.orphaned?.months ?? 0),
  'ends-soon': ({ serving }, now) => Date.parse(firstEnd(serving, now) ?? ''),
};

const COLUMNS = ['Model', 'Base model', 'Served by', ...USE_COLUMNS] as const;

const Row = ({ use }: { readonly use: ModelUse }): JSX.Element => {
  const { model, serving } = use;
  return (
    <tr data-arn={model.model_arn}>
      <th scope="row">
        <ModelLink model={model} />
        <div>{(model.status !== 'Active' || model.untracked_since !== undefined) && <Status job={model} />}</div>
      </th>
      <td title={modelName(model.base_model_arn)}>{shortModelName(model.base_model_arn)}</td>
      <td>
        <ServedBy serving={serving} />
      </td>
      <UseCells use={use} lastUsed={model.last_used_at} />
    </tr>
  );
};

const List = ({ uses }: { readonly uses: readonly ModelUse[] }): JSX.Element => {
  const view = useGroups('/models', MODEL_GROUPS);
  const { group, search } = view;
  const { now, idleAfterMs = IDLE_AFTER_MS, prices } = useRules();
  const [page, setPage] = useState(0);
  const isShown = (use: ModelUse) => (group === undefined ? !isRemoved(use) || search !== '' : belongsTo(group, use));
  const rows = uses.filter((use) => isShown(use) && textOf(use).includes(search));
  if (group !== undefined) rows.sort((a, b) => NEED[group](a, now) - NEED[group](b, now));
  const at = Math.min(page, Math.max(0, Math.ceil(rows.length / ROWS) - 1));
  const removed = uses.filter(isRemoved).length;
  const sums = sumIdle(uses);
  const days = formatCount(idleAfterMs / DAY, 'day');
  const sources = [...(prices?.model_unit_hour ?? []), ...(prices?.stored_model_month ?? [])];
  return (
    <>
      <GroupFilters
        view={view}
        figures={MODEL_GROUPS.map((each) => {
          const [name, rule] = RULES[each];
          const count = uses.filter((use) => belongsTo(each, use)).length;
          return [each, name, count, rule(sums, days), each === 'serving' ? '' : 'tone-stopping'] as const;
        })}
      />
      <div class="card">
        {rows.length === 0 && <Empty title="No matching models" />}
        <Table label="Models" class="models" columns={COLUMNS}>
          {rows.slice(at * ROWS, (at + 1) * ROWS).map((use) => (
            <Row key={use.model.model_arn} use={use} />
          ))}
        </Table>
        <Pager page={at} rows={rows.length} onPage={setPage} />
        <p class="legend muted small" role="status">
          {formatCount(rows.length, 'model')}.{' '}
          {removed > 0 && `A search shows ${formatCount(removed, 'removed model')} too. `}
          {sources.length > 0 &&
            `Dollars by ${[...new Set(sources.map(({ source, date }) => `${source} (${date})`))].join(', ')}.`}
        </p>
      </div>
    </>
  );
};

const Models = (): JSX.Element => {
  const { value, problem, reload } = usePolled<ModelsAnswer>(API.models);
  const rules = useRules();
  useListKeys();
  return (
    <>
      {problem !== undefined && <Problem problem={problem} retry={reload} />}
      {value === undefined && problem === undefined && <Skeleton lines={8} />}
      {value?.length === 0 && (
        <Empty title="No models yet">
          <p>The models of this account appear with the next models sweep.</p>
        </Empty>
      )}
      {value !== undefined && value.length > 0 && <List uses={value.map((model) => modelUse(model, rules))} />}
    </>
  );
};

/** The models: which serve, and which cost money without use. */
export const ModelsPage = (): JSX.Element => {
  const session = useSession();
  return (
    <Page title="Models">
      {session?.models !== undefined && <Models />}
      {session !== undefined && session.models === undefined && (
        <Empty title="No models are tracked">
          <p>{session.modelsProblem}</p>
        </Empty>
      )}
    </Page>
  );
};

export { ModelPage } from './model.tsx';
