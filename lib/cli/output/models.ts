import type { Lineage } from '../../client/requests.ts';
import { type ModelUse, type ServingUse, sumIdle } from '../../domain/idle.ts';
import { type ModelRecord, type ModelTransition, REMOVED } from '../../domain/model-record.ts';
import { modelIdOf } from '../../domain/run.ts';
import { pluralize } from '../../domain/text.ts';
import { type Lasting, sectionsOf, timelineOf } from '../job-facts.ts';
import { LASTED, partsFor, type Screen, statusFacts, transitionColumns } from './jobs.ts';
import { type Fact, formatFacts } from './table.ts';
import { formatCount, formatTime, NOTHING, paletteOf } from './values.ts';

/** How a model is used, under the names that records have. */
export const useDocument = ({ serving, orphaned }: ModelUse) => ({
  serving: serving.map(({ kind, entry, state, unitHoursADay, unusedUnitHours, price, endsSoon, usage }) => ({
    ...{ kind, ...entry, use: state, ...usage, price, ends_soon: endsSoon },
    ...{ unit_hours_a_day: unitHoursADay, unused_unit_hours: unusedUnitHours },
  })),
  orphaned,
});

const inUsd = (amount: number | undefined): string =>
  amount === undefined ? '' : ` (${amount.toLocaleString('en-US', { style: 'currency', currency: 'USD' })})`;

/** What models cost without use, a sentence each. */
export const sentencesOn = (uses: readonly ModelUse[]): string[] => {
  const { idle, idleADay, orphaned } = sumIdle(uses);
  const priced = uses.flatMap((use) => [...use.serving, use.orphaned]).flatMap((each) => each?.price ?? []);
  const prices = [...new Set(priced.map(({ source, date }) => `${source} of ${date}`))];
  return [
    idleADay.amount > 0 &&
      `Idle throughputs: ${formatCount(idle.amount)} unit hours without use${inUsd(idle.usd)}, ` +
        `and ${formatCount(idleADay.amount)} more each day${inUsd(idleADay.usd)}.`,
    orphaned.amount > 0 &&
      `Orphaned models: ${formatCount(orphaned.amount)} months of storage without use${inUsd(orphaned.usd)}.`,
    prices.length > 0 && `Prices: ${prices.join(', ')}.`,
  ].filter((sentence) => sentence !== false);
};

const nameOf = ({ arn, name = modelIdOf(arn) ?? arn }: ServingUse['entry']): string => name;

const PERIODS = [
  ['day', 'last_day'],
  ['7 days', 'last_7_days'],
  ['30 days', 'last_30_days'],
] as const;

const servingFact = ({ kind, entry, state, usage, unusedUnitHours = 0 }: ServingUse): string => {
  const { model_units: units, commitment_duration: commitment, commitment_expiration_time: end } = entry;
  const since = usage?.last_used_at ?? usage?.unused_since;
  const calls = PERIODS.flatMap(([title, name]) => {
    const { invocations, input_tokens, output_tokens } = usage?.[name] ?? {};
    if (invocations === undefined) return [];
    const tokens = `${formatCount(input_tokens ?? 0)} tokens in, ${formatCount(output_tokens ?? 0)} out`;
    return [`last ${title}: ${formatCount(invocations)} calls${invocations > 0 ? ` (${tokens})` : ''}`];
  });
  return [
    `${kind}, ${entry.status} since ${formatTime(entry.since)}` +
      (units === undefined ? '' : `, ${pluralize(units, 'model unit')}`) +
      (commitment === undefined ? '' : `, ${commitment} until ${formatTime(end)}`),
    `${state}${since === undefined ? '' : `: ${usage?.last_used_at === undefined ? 'not used since' : 'last used'} ${formatTime(since)}`}` +
      (state === 'idle' && unusedUnitHours > 0 ? `, ${formatCount(unusedUnitHours)} unit hours without use` : ''),
    ...calls,
    ...(entry.failure_message === undefined ? [] : [entry.failure_message]),
  ].join('\n');
};

/** What serves a model and how that is used, as lines. */
export const formatServing = (use: ModelUse, terminal: Screen): string[] => {
  const facts = use.serving.flatMap((each) => [
    { label: nameOf(each.entry), value: servingFact(each) },
    { label: 'arn', value: each.entry.arn },
  ]);
  return partsFor(terminal).sections([{ title: 'Serving', facts }]);
};

/** What a transition is about: the model, or what serves it by its name, and there the use. */
const subjectOf =
  ({ deployments, provisioned_throughputs }: ModelRecord) =>
  ({ resource, task }: ModelTransition): string => {
    if (resource === undefined) return 'model';
    const entry = [...deployments, ...provisioned_throughputs].find(({ arn }) => arn === resource);
    return `${task === undefined ? '' : 'use of '}${nameOf(entry ?? { arn: resource, status: '', since: '' })}`;
  };

/** Everything that is known of a model, as lines that fit the terminal. */
export const formatModel = (
  { job, job_arn: jobArn }: Lineage,
  use: ModelUse<ModelRecord>,
  terminal: Screen,
  now: Date,
): string[] => {
  const { model } = use;
  const palette = paletteOf(terminal);
  const { table, sections } = partsFor(terminal);
  const history = timelineOf(
    model.transitions,
    ({ resource = '', task = '' }) => `${task}${resource}`,
    ({ to }) => to === REMOVED,
    now,
  );
  const facts: Fact[] = [
    ...statusFacts(model.model_name, model, 'model', palette),
    ...sentencesOn([use]).map((value) => ({ label: 'use', value, paint: palette.yellow })),
    { label: 'last used', value: formatTime(model.last_used_at) },
    { label: 'type', value: model.customization_type ?? NOTHING },
    { label: 'created', value: formatTime(model.creation_time) },
    { label: 'made by', value: job?.job_name ?? model.job_name ?? jobArn ?? 'no job: imported or copied' },
    ...(jobArn === undefined ? [] : [{ label: 'job arn', value: jobArn }]),
    { label: 'arn', value: model.model_arn },
    { label: 'account', value: model.account_id },
    { label: 'region', value: model.region },
  ];
  const subject = { title: 'OF', value: subjectOf(model), least: 16, cut: 'middle' } as const;
  return [
    ...formatFacts(facts, terminal),
    ...formatServing(use, terminal),
    ...sections(sectionsOf(model)),
    ...table('History', [...transitionColumns<Lasting<ModelTransition>>(palette, subject), LASTED], history),
  ];
};
