import type { JobRecord } from '../../../lib/domain/record.ts';
import type { ModelRecord } from '../../../lib/domain/model-record.ts';
import type { AnyDetail } from '../../../lib/domain/transition-event.ts';

const statusOf = (task: string | undefined, to: string): string => `${task ?? 'job'} ${to}`;

/**
 * What is wrong with what subscribers were told of a job, once they have dropped repetitions by `transition_id`: each
 * transition of the record once, and nothing else; and no repetition but by a write that was handed over again. `givenUp`
 * says that the stream gave up on a write of the job, `handedOver` how often the function was given one at most.
 */
export const publishedProblems = (
  record: JobRecord,
  details: readonly AnyDetail[],
  { givenUp, handedOver }: { readonly givenUp: boolean; readonly handedOver: number },
): string[] => {
  const told = [...new Map(details.map((detail) => [detail.transition_id, detail])).values()];
  const statuses = told.map(({ task, to }) => statusOf(task, to));
  const recorded = record.transitions.map(({ task, to }) => statusOf(task, to));
  const invented = statuses.filter((status) => !recorded.includes(status));
  const untold = recorded.filter((status) => !statuses.includes(status));
  const repeated = told.filter(
    ({ transition_id }) => details.filter((detail) => detail.transition_id === transition_id).length > handedOver,
  );
  return [
    ...repeated.map(
      ({ task, to }) => `"${statusOf(task, to)}" was published more often than its write was handed over`,
    ),
    ...invented.map((status) => `"${status}" was published and is not in the record`),
    ...(new Set(statuses).size < statuses.length
      ? [`a transition was published by two ids: ${statuses.join(', ')}`]
      : []),
    ...(givenUp ? [] : untold.map((status) => `"${status}" was never published`)),
  ];
};

/**
 * The same of a model, and of what serves it. Statuses come back there, so they are counted; what the record has folded
 * away was told too.
 */
export const publishedModelProblems = (
  record: ModelRecord,
  details: readonly AnyDetail[],
  { givenUp, handedOver }: { readonly givenUp: boolean; readonly handedOver: number },
): string[] => {
  const told = [...new Map(details.map((detail) => [detail.transition_id, detail])).values()];
  const countBy = (all: readonly { readonly resource?: string; readonly task?: string; readonly to: string }[]) => {
    const counts = new Map<string, number>();
    for (const { resource = 'model', task = 'status', to } of all) {
      const key = `${resource.slice(-12)} ${task} ${to}`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    return counts;
  };
  const [tellings, recorded] = [countBy(told), countBy(record.transitions)];
  const folded = record.transitions_folded ?? 0;
  const extra = [...tellings].filter(([key, count]) => count > (recorded.get(key) ?? 0));
  const missing = [...recorded].filter(([key, count]) => count > (tellings.get(key) ?? 0));
  const repeated = told.filter(
    ({ transition_id }) => details.filter((detail) => detail.transition_id === transition_id).length > handedOver,
  );
  return [
    ...repeated.map(({ transition_id }) => `${transition_id} was published more often than its write was handed over`),
    ...(folded > 0
      ? []
      : extra.map(([key, count]) => `"${key}" was published ${count} times, and is not so often in the record`)),
    ...(givenUp
      ? []
      : missing.map(([key, count]) => `"${key}" stands ${count} times in the record, and was not published so often`)),
  ];
};
