import { describe, expect, it } from '@jest/globals';
import { Template } from 'aws-cdk-lib/assertions';
import { EventBus } from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { ENV, TRANSITION_DETAIL_TYPE, TRANSITION_EVENT_SOURCE } from '../../lib/contract.ts';
import type { TransitionFilter } from '../../lib/infra/transition-rule.ts';
import { makeStack, readable, resourceOf, synthesize, toTemplate } from './support.ts';

const BUS_ARN = 'arn:aws:events:us-west-2:111122223333:event-bus/team';

/** The pattern of the rule that a filter makes, beside source and detail type. */
const detailOf = (filter: TransitionFilter): unknown => {
  const stack = makeStack();
  stack.tracker.addTransitionTarget('Team', { target: new SqsQueue(new Queue(stack, 'TeamQueue')), ...filter });
  const rule = resourceOf(toTemplate(Template.fromStack(stack)), 'AWS::Events::Rule', 'Team');
  const { EventPattern } = rule.Properties as { EventPattern: { detail?: unknown } };
  expect(EventPattern).toMatchObject({ source: [TRANSITION_EVENT_SOURCE], 'detail-type': [TRANSITION_DETAIL_TYPE] });
  return EventPattern.detail;
};

const OWN_STATUS = { task: [{ exists: false }] };
const FROM_NOW_ON = { via: [{ 'anything-but': ['backfill'] }] };

describe('a target of transitions', () => {
  it.each<[string, TransitionFilter, unknown]>([
    ["gets each transition of a job's own status from now on", {}, { ...OWN_STATUS, ...FROM_NOW_ON }],
    [
      'gets those into chosen statuses, each once named',
      { statuses: ['Failed', 'Stopped', 'Failed'] },
      { to: ['Failed', 'Stopped'], ...OWN_STATUS, ...FROM_NOW_ON },
    ],
    ['gets those of sub-tasks too where it wants them', { subTasks: true }, FROM_NOW_ON],
    ['gets those of the backfill too where it wants them', { backfill: true }, OWN_STATUS],
    ['gets everything where it wants everything', { subTasks: true, backfill: true }, undefined],
  ])('%s', (_case, filter, detail) => {
    expect(detailOf(filter)).toEqual(detail);
  });
});

describe('the bus of transitions', () => {
  const functionVariables = (template: ReturnType<typeof synthesize>) =>
    (
      resourceOf(template, 'AWS::Lambda::Function', 'PublishTransitions').Properties as {
        Environment: { Variables: Record<string, unknown> };
      }
    ).Environment.Variables;

  it('is the default bus of the account and Region', () => {
    expect(readable(functionVariables(synthesize())[ENV.transitionsBus])).toMatch(/:event-bus\/default$/);
    expect(makeStack().tracker.transitionsBus.eventBusName).toBe('default');
  });

  it('can be one that is made elsewhere, by its ARN', () => {
    const template = synthesize({ transitionsBusArn: BUS_ARN, notifications: {} });
    expect(functionVariables(template)[ENV.transitionsBus]).toBe(BUS_ARN);
    expect(resourceOf(template, 'AWS::Events::Rule', 'Notifications').Properties).toMatchObject({
      EventBusName: 'team',
    });
  });

  it('can be one of the app', () => {
    const stack = makeStack();
    const own = makeStack({ transitionsBus: EventBus.fromEventBusArn(stack, 'Bus', BUS_ARN) });
    expect(own.tracker.transitionsBus.eventBusArn).toBe(BUS_ARN);
  });
});
