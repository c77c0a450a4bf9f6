import { describe, expect, it } from '@jest/globals';
import { Template } from 'aws-cdk-lib/assertions';
import { Stack } from 'aws-cdk-lib';
import { EventBus } from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { ENV, TRANSITION_DETAIL_TYPE, TRANSITION_EVENT_SOURCE } from '../../lib/contract.ts';
import type { TransitionFilter } from '../../lib/infra/transitions.ts';
import { makeApp, makeStack, readable, resourceOf, synthesize, toTemplate } from './support.ts';

const HOME = { account: '111122223333', region: 'us-west-2' };
const busArn = ({ account, region }: typeof HOME): string => `arn:aws:events:${region}:${account}:event-bus/team`;
const BUS_ARN = busArn(HOME);
const OTHER_ACCOUNT = { ...HOME, account: '444455556666' };
const OTHER_REGION = { ...HOME, region: 'eu-west-1' };

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
    const template = synthesize({ env: HOME, transitionsBusArn: BUS_ARN, notifications: {} });
    expect(functionVariables(template)[ENV.transitionsBus]).toBe(BUS_ARN);
    expect(resourceOf(template, 'AWS::Events::Rule', 'Notifications').Properties).toMatchObject({
      EventBusName: 'team',
    });
  });

  it('gets the events of the tracker in another account', () => {
    const template = synthesize({ env: HOME, transitionsBusArn: busArn(OTHER_ACCOUNT) });
    expect(functionVariables(template)[ENV.transitionsBus]).toBe(busArn(OTHER_ACCOUNT));
  });

  it('is refused in another Region, which PutEvents does not reach', () => {
    expect(() => synthesize({ env: HOME, transitionsBusArn: busArn(OTHER_REGION) })).toThrow(
      'transitionsBusArn is in eu-west-1: events reach other Regions than us-west-2 by rules alone. Instead, leave it out, ' +
        "and forward from the default bus by tracker.addTransitionTarget('Forward', " +
        '{ target: new targets.EventBus(otherBus) })',
    );
  });

  describe('with a rule of the stack on it', () => {
    const ways: [string, (place: typeof HOME, env?: typeof HOME) => unknown][] = [
      [
        'notifications by its ARN',
        (place, env) => synthesize({ ...(env && { env }), transitionsBusArn: busArn(place), notifications: {} }),
      ],
      [
        'notifications by the bus itself',
        (place, env) => {
          const elsewhere = new Stack(makeApp(), 'Elsewhere', { env: place });
          const transitionsBus = EventBus.fromEventBusArn(elsewhere, 'Bus', busArn(place));
          return synthesize({ ...(env && { env }), transitionsBus, notifications: {} });
        },
      ],
      [
        'a target',
        (place, env) => {
          const stack = makeStack({ ...(env && { env }), transitionsBusArn: busArn(place) });
          return stack.tracker.addTransitionTarget('Team', { target: new SqsQueue(new Queue(stack, 'TeamQueue')) });
        },
      ],
    ];

    it.each(ways)('takes %s at home', (_way, make) => {
      expect(() => make(HOME, HOME)).not.toThrow();
    });

    it.each(ways)('refuses %s in another account: it would listen to a bus of the same name', (_way, make) => {
      expect(() => make(OTHER_ACCOUNT, HOME)).toThrow(
        /transitionsBus(Arn)? is in 444455556666 in us-west-2, where no rule of this stack can listen/,
      );
    });

    it.each(ways)('refuses %s where the stack does not know its own account', (_way, make) => {
      expect(() => make(HOME)).toThrow(/which may not be the stack's own account and Region/);
    });
  });

  it('can be one of the app', () => {
    const stack = makeStack();
    const own = makeStack({ transitionsBus: EventBus.fromEventBusArn(stack, 'Bus', BUS_ARN) });
    expect(own.tracker.transitionsBus.eventBusArn).toBe(BUS_ARN);
  });
});
