import { canonicalJson } from '../../../lib/domain/text.ts';
import { formatScope } from '../../../lib/domain/identity.ts';
import { normalizeModel, servedOf, servingFrom } from '../../../lib/domain/model-normalize.ts';
import {
  isServing,
  REMOVED,
  type Deployment,
  type ModelRecord,
  type ModelTransition,
  type ServingPointer,
} from '../../../lib/domain/model-record.ts';
import type { BedrockAnswer } from '../../../lib/domain/normalize.ts';
import { withDates } from '../../support/fixtures.ts';
import type { WorldBedrock } from '../world/bedrock.ts';
import { answerOf, servedBy, statusesOf, type WorldResource } from '../world/models.ts';

const MAX_TRANSITIONS = 100;
const MAX_REMOVED = 50;

const chainsOf = (record: Pick<ModelRecord, 'transitions'> | undefined): Map<string, ModelTransition[]> => {
  const chains = new Map<string, ModelTransition[]>();
  for (const one of record?.transitions ?? []) {
    const key = `${one.resource ?? 'model'} ${one.task ?? 'status'}`;
    chains.set(key, [...(chains.get(key) ?? []), one]);
  }
  return chains;
};

/** Whether what stood in a chain still stands there, in its order, and none of it later than it was. */
const isKept = (before: readonly ModelTransition[], after: readonly ModelTransition[]): boolean => {
  let place = 0;
  return before.every((known) => {
    place = after.findIndex(({ to, at }, position) => position >= place && to === known.to && at <= known.at) + 1;
    return place > 0;
  });
};

const servingOf = ({ deployments, provisioned_throughputs }: ModelRecord): Deployment[] => [
  ...deployments,
  ...provisioned_throughputs,
];

/** What is wrong with the history of a model: invented, out of its bounds, or not one after the other. */
const historyProblems = (bedrock: WorldBedrock, record: ModelRecord): string[] => {
  const isWhole = (record.transitions_folded ?? 0) === 0;
  const removed = (all: readonly Deployment[]) => all.filter(({ status }) => status === REMOVED).length;
  return [
    ...(record.transitions.length <= MAX_TRANSITIONS ? [] : [`${record.transitions.length} transitions`]),
    ...(removed(record.deployments) <= MAX_REMOVED && removed(record.provisioned_throughputs) <= MAX_REMOVED
      ? []
      : ['more than 50 removed deployments or throughputs']),
    ...[...chainsOf(record)].flatMap(([key, chain]) => {
      const one = bedrock.models.known(chain[0]?.resource ?? record.model_arn);
      const statuses = chain[0]?.task === 'use' ? new Set(['Used', 'Idle']) : one && statusesOf(one);
      const possible = statuses ?? new Set<string | undefined>();
      const invented = chain.filter(({ to }) => to !== REMOVED && !possible.has(to));
      const broken = chain.some(
        ({ from, to }, place) => from === to || (place > 0 ? from !== chain[place - 1]?.to : isWhole && from !== null),
      );
      return [
        ...invented.map(({ to }) => `${key} was never ${to}`),
        ...(broken
          ? [
              `a transition of ${key} does not follow the one before: ${chain.map(({ from, to }) => `${String(from)}>${to}`).join()}`,
            ]
          : []),
      ];
    }),
  ];
};

/** What a write of the models table breaks that must hold at any time, whatever goes wrong. */
export const modelWriteProblems = (
  bedrock: WorldBedrock,
  itemBefore: object | undefined,
  itemAfter: object,
): string[] => {
  if ('serves_model_arn' in itemAfter) {
    const [before, after] = [itemBefore, itemAfter] as [ServingPointer | undefined, ServingPointer];
    return before === undefined || before.fetched_at <= after.fetched_at ? [] : ['a pointer goes back in time'];
  }
  const [before, after] = [itemBefore, itemAfter] as [ModelRecord | undefined, ModelRecord];
  const chains = chainsOf(after);
  const hasFolded = (after.transitions_folded ?? 0) > (before?.transitions_folded ?? 0);
  const ends = servingOf(after).filter(({ arn, status }) => chains.get(`${arn} status`)?.at(-1)?.to !== status);
  const isServed = servingOf(after).some(isServing) && after.untracked_since === undefined;
  const rules: [boolean, string][] = [
    [bedrock.models.known(after.model_arn) !== undefined, 'a record of a model that never was'],
    [after.revision === (before?.revision ?? 0) + 1, `revision ${after.revision} follows ${before?.revision ?? 0}`],
    [!before || after.first_seen_at <= before.first_seen_at, 'first_seen_at goes forward'],
    [
      hasFolded || [...chainsOf(before)].every(([key, chain]) => isKept(chain, chains.get(key) ?? [])),
      'a transition is lost or dated later',
    ],
    [chains.get('model status')?.at(-1)?.to === after.status, 'the last transition is not the status of the model'],
    [ends.length === 0, `the last transition is not the status of ${ends.map(({ arn }) => arn.slice(-12)).join()}`],
    [(after.serving_scope !== undefined) === isServed, `serving_scope is ${String(after.serving_scope)}`],
    [
      (after.missing_since !== undefined) === (after.status === REMOVED),
      `it is ${after.status}, and missing_since is ${String(after.missing_since)}`,
    ],
  ];
  return [...rules.flatMap(([holds, problem]) => (holds ? [] : [problem])), ...historyProblems(bedrock, after)];
};

const OWN = new Set([
  ...['transitions', 'transitions_folded', 'first_seen_at', 'fetched_at', 'observed_via', 'revision', 'listed_as'],
  ...['missing_since', 'untracked_since', 'serving_scope', 'usage', 'last_used_at'],
]);

/** Bedrock's fields of a record, with what serves the model now; the tracker's own dates are left out. */
const contentOf = (record: object): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(record).flatMap(([name, value]: [string, unknown]) => {
      if (OWN.has(name)) return [];
      if (name !== 'deployments' && name !== 'provisioned_throughputs') return [[name, value]];
      const shown = (value as Deployment[]).filter(({ status }) => status !== REMOVED);
      return [[name, shown.map(({ since: _, ...entry }) => entry)]];
    }),
  );

const servingAt = (bedrock: WorldBedrock, modelArn: string, now: number) =>
  servingFrom(
    (['deployments', 'throughputs'] as const).flatMap((kind) =>
      bedrock.models
        .there(kind)
        .filter((one) => servedBy(one, now) === modelArn)
        .flatMap((one) => {
          const list = kind === 'deployments' ? 'deployments' : 'provisioned_throughputs';
          return servedOf(list, withDates(answerOf(one, now)) as BedrockAnswer) ?? [];
        }),
    ),
    '',
  );

const presentProblems = (bedrock: WorldBedrock, model: WorldResource, record: ModelRecord | undefined): string[] => {
  if (record === undefined) return ['there is no record'];
  const now = bedrock.now();
  const { scope } = model.item;
  const serving = servingAt(bedrock, model.arn, now);
  const truth = contentOf(
    normalizeModel(withDates(answerOf(model, now)) as BedrockAnswer, {
      ...{ scope, identifier: model.arn, tags: {}, serving, fetchedAt: '', via: 'sweep' },
    }),
  );
  const content = contentOf(record);
  const wrong = [...new Set([...Object.keys(truth), ...Object.keys(content)])].filter(
    (name) => canonicalJson(truth[name] ?? null) !== canonicalJson(content[name] ?? null),
  );
  return [
    ...wrong.map((name) => `${name} is ${JSON.stringify(content[name])}, not ${JSON.stringify(truth[name])}`),
    ...(record.missing_since === undefined ? [] : ['it is marked as missing']),
    ...(record.untracked_since === undefined ? [] : ['it is marked as untracked']),
    ...(record.scope === formatScope(scope) ? [] : [`its scope is ${record.scope}`]),
  ];
};

/** What a record of a model has that Bedrock would not answer now, once faults are over and sweeps have passed. */
export const modelTruthProblems = (
  bedrock: WorldBedrock,
  model: WorldResource,
  record: ModelRecord | undefined,
): string[] => {
  if (model.goneAt === undefined) return presentProblems(bedrock, model, record);
  if (record === undefined) return [];
  return [
    ...(record.status === REMOVED && record.missing_since !== undefined
      ? []
      : [`it is ${record.status}, though it is gone`]),
    ...(servingOf(record).some(isServing) ? ['something serves it, though it is gone'] : []),
  ];
};

/** A deployment or throughput leads to the model that it serves. */
export const pointerProblems = (
  bedrock: WorldBedrock,
  one: WorldResource,
  pointer: ServingPointer | undefined,
): string[] => {
  const modelArn = servedBy(one, bedrock.now());
  if (one.goneAt !== undefined || pointer?.serves_model_arn === modelArn) return [];
  return [`its pointer leads to ${pointer?.serves_model_arn.slice(-12) ?? 'nothing'}, not to ${modelArn.slice(-12)}`];
};
