import { Match, Rule, type EventPattern, type IEventBus, type IRuleTarget } from 'aws-cdk-lib/aws-events';
import type { Construct } from 'constructs';
import { TRANSITION_DETAIL_TYPE, TRANSITION_EVENT_SOURCE } from '../contract.ts';

/** Which transitions are wanted. */
export interface TransitionFilter {
  /**
   * The statuses whose beginning is wanted, such as `['Completed', 'Failed']`. One that AWS may add is accepted.
   * @default - every status
   */
  readonly statuses?: readonly string[];
  /**
   * Whether transitions of sub-tasks (validation, data processing, training) are wanted besides the job's own.
   * @default false
   */
  readonly subTasks?: boolean;
  /**
   * Whether the transitions are wanted that the first sweep of an account and Region finds: years of jobs at once.
   * @default false
   */
  readonly backfill?: boolean;
}

/** A target for transitions, with the filter that it is given by. */
export interface TransitionTargetProps extends TransitionFilter {
  /** Where the events go. Give it a dead-letter queue: EventBridge gives up after 24 hours. */
  readonly target: IRuleTarget;
}

const transitionPattern = ({ statuses, subTasks = false, backfill = false }: TransitionFilter): EventPattern => {
  const detail: Record<string, unknown> = {
    ...(statuses !== undefined && { to: [...new Set(statuses)] }),
    // The job's own transitions carry no task.
    ...(!subTasks && { task: Match.doesNotExist() }),
    ...(!backfill && { via: Match.anythingBut('backfill') }),
  };
  return {
    source: [TRANSITION_EVENT_SOURCE],
    detailType: [TRANSITION_DETAIL_TYPE],
    ...(Object.keys(detail).length > 0 && { detail }),
  };
};

/** A rule on the bus of transitions that hands those of a filter to a target. */
export const transitionRule = (
  scope: Construct,
  id: string,
  props: TransitionTargetProps & { readonly bus: IEventBus; readonly description: string },
): Rule =>
  new Rule(scope, id, {
    description: props.description,
    eventBus: props.bus,
    eventPattern: transitionPattern(props),
    targets: [props.target],
  });
