import type { JSX } from 'preact';
import { sumIdle, type ModelUse, type ServingUse, type Sum, type UseRules } from '../../../domain/idle.ts';
import type { ModelRecord } from '../../../domain/model-record.ts';
import { compareText } from '../../../domain/text.ts';
import { MINUTE } from '../../../domain/time.ts';
import { useSession } from '../api/hooks.ts';
import { modelPath } from '../logic/addresses.ts';
import { ABSENT, formatCount, formatDollars } from '../logic/format.ts';
import { StatusIcon } from './job.tsx';
import { Ago, useNow } from './time.tsx';

/** The rules of idle models, as of this minute. */
export const useRules = (): UseRules => {
  const now = useNow(MINUTE);
  return { ...useSession()?.models, now: new Date(now) };
};

type NamedModel = Pick<ModelRecord, 'model_arn' | 'model_name'>;

export const nameOfModel = ({ model_name, model_arn }: NamedModel): string => model_name ?? model_arn;

export const ModelLink = ({ model }: { readonly model: NamedModel }): JSX.Element => (
  <a class="job-link truncate" href={modelPath(model.model_arn)} title={nameOfModel(model)}>
    {nameOfModel(model)}
  </a>
);

type ServingProps = { readonly serving: readonly ServingUse[] };

/** What serves a model, with its units, and whether anything uses it. */
export const ServedBy = ({ serving }: ServingProps): JSX.Element =>
  serving.length === 0 ? (
    <span class="muted">nothing</span>
  ) : (
    <ul class="served-by">
      {serving.map(({ kind, entry, state }) => (
        <li key={entry.arn} class="row" title={entry.arn}>
          <StatusIcon status={state === 'idle' ? 'Idle' : entry.status} />
          <span class="truncate">{entry.name ?? entry.arn}</span>
          <span class="muted nowrap">
            {entry.model_units === undefined ? kind : formatCount(entry.model_units, 'unit')},{' '}
            {state === 'unknown' ? 'use unknown' : state}
          </span>
        </li>
      ))}
    </ul>
  );

/** `336 unit hours, $403`; dollars only if all of it has a price. */
export const sumWords = ({ amount, usd }: Sum, unit: string): string =>
  `${amount.toLocaleString('en', { maximumFractionDigits: 1 })} ${unit}${usd === undefined ? '' : `, ${formatDollars(usd)}`}`;

/** The end of the first commitment that has not ended. */
export const firstEnd = (serving: readonly ServingUse[], now: Date): string | undefined =>
  serving
    .flatMap(({ entry }) => entry.commitment_expiration_time ?? [])
    .filter((end) => end > now.toISOString())
    .sort(compareText)[0];

/** The calls of 1, 7 and 30 days; where CloudWatch does not tell, they are unknown. */
const callsOf = (serving: readonly ServingUse[]): string => {
  const known = serving.flatMap(({ usage }) => (usage?.unused_since === undefined ? [] : usage));
  if (known.length === 0) return serving.length === 0 ? ABSENT : 'unknown';
  return (['last_day', 'last_7_days', 'last_30_days'] as const)
    .map((period) => known.reduce((sum, usage) => sum + (usage[period]?.invocations ?? 0), 0).toLocaleString('en'))
    .join(' / ');
};

export const USE_COLUMNS = [
  ['Calls in 1, 7, 30 days', 'right'],
  ['Last used', 'right'],
  ['Without use', 'right'],
  ['Commitment ends', 'right'],
] as const;

interface UseCellsProps {
  /** Of a model, or of one deployment or throughput of it. */
  readonly use: Pick<ModelUse, 'serving' | 'orphaned'>;
  readonly lastUsed: string | undefined;
}

/** The cells of {@link USE_COLUMNS}. "Never" only where CloudWatch holds all the time since the creation. */
export const UseCells = ({ use, lastUsed }: UseCellsProps): JSX.Element => {
  const { serving } = use;
  const { idle, idleADay, orphaned } = sumIdle([{ ...use, model: { model_arn: '' } }]);
  const never = serving.length === 0 ? ABSENT : serving.every(({ usage }) => usage?.unused_since) ? 'never' : 'unknown';
  return (
    <>
      <td class="right number">{callsOf(serving)}</td>
      <td class="right">{lastUsed === undefined ? never : <Ago time={lastUsed} />}</td>
      <td class="right number">
        {orphaned.amount > 0 ? sumWords(orphaned, 'months stored') : idleADay.amount === 0 && ABSENT}
        {idleADay.amount > 0 && sumWords(idle, 'unit hours')}
        {idleADay.amount > 0 && <div class="muted small">{sumWords(idleADay, 'a day')}</div>}
      </td>
      <td class={`right ${serving.some(({ endsSoon }) => endsSoon) ? 'tone-stopping' : ''}`}>
        <Ago time={firstEnd(serving, useRules().now)} />
      </td>
    </>
  );
};
