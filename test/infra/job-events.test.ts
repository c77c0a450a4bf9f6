import { describe, expect, it } from '@jest/globals';
import { MODEL_API_CALL_PATTERN, STATE_CHANGE_PATTERN } from '../../lib/contract.ts';
import type { Statement } from './permissions.ts';
import {
  defaultTemplate,
  fullTemplate,
  readable,
  resourceOf,
  resourcesOf,
  synthesize,
  type CfnTemplate,
} from './support.ts';

interface RuleProperties {
  readonly EventPattern: unknown;
  readonly State: string;
  readonly Targets: readonly { readonly Arn: unknown; readonly DeadLetterConfig?: { readonly Arn: unknown } }[];
}
const rule = (name: string) => resourceOf(defaultTemplate(), 'AWS::Events::Rule', name).Properties as RuleProperties;
const RULES = ['StateChangeRule', 'ApiCallRule'];

describe('the rules', () => {
  it.each([
    ['StateChangeRule', STATE_CHANGE_PATTERN],
    ['ApiCallRule', MODEL_API_CALL_PATTERN],
  ])('%s matches by the pattern of the contract, operators such as $or as they are', (name, pattern) => {
    expect(rule(name).EventPattern).toEqual(pattern);
    expect(rule(name).State).toBe('ENABLED');
  });

  it('no pattern names a status, so a status that AWS adds is not lost', () => {
    expect(JSON.stringify(RULES.map((name) => rule(name).EventPattern))).not.toMatch(/status/i);
  });

  it.each(RULES)('%s delivers to the queue for a day, and then to the queue of the undelivered', (name) => {
    const [target, ...others] = rule(name).Targets;
    expect(others).toEqual([]);
    expect(readable(target?.Arn)).toBe('<TrackerJobEventsQueue.Arn>');
    expect(readable(target?.DeadLetterConfig?.Arn)).toBe('<TrackerJobEventsUndeliveredQueue.Arn>');
    expect(target).toMatchObject({ RetryPolicy: { MaximumEventAgeInSeconds: 86_400, MaximumRetryAttempts: 185 } });
  });
});

describe('the queue of job events', () => {
  const queue = () => resourceOf(defaultTemplate(), 'AWS::SQS::Queue', 'JobEventsQueue').Properties as object;

  it('hides a message for six timeouts of track-job, so that none is worked on twice at once', () => {
    const timeout = resourceOf(defaultTemplate(), 'AWS::Lambda::Function', 'TrackJob').Properties as {
      Timeout: number;
    };
    expect(queue()).toMatchObject({ VisibilityTimeout: 6 * timeout.Timeout });
  });

  it('keeps messages for 4 days and gives up on one after 5 receives', () => {
    expect(queue()).toMatchObject({ MessageRetentionPeriod: 4 * 86_400, RedrivePolicy: { maxReceiveCount: 5 } });
  });

  it('dead-letters apart from what was never delivered, so that everything there can be redriven', () => {
    const { RedrivePolicy } = queue() as { RedrivePolicy: { deadLetterTargetArn: unknown } };
    expect(readable(RedrivePolicy.deadLetterTargetArn)).toBe('<TrackerJobEventsDeadLetterQueue.Arn>');
  });

  it('keeps other queues from using the queues of the undelivered as their dead-letter queue, but for that of sweeps in a hub', () => {
    const allowed = (template: CfnTemplate) =>
      resourcesOf(template, 'AWS::SQS::Queue')
        .filter(([id]) => /(Undelivered|Failed)Queue/.test(id))
        .map(([id, { Properties }]) => {
          const { RedriveAllowPolicy } = Properties as { RedriveAllowPolicy?: { redrivePermission: string } };
          return `${/^Tracker([A-Z][a-z]+)/.exec(id)?.[1] ?? ''} ${RedriveAllowPolicy?.redrivePermission ?? ''}`;
        });
    expect(allowed(synthesize({ notifications: {} }))).toEqual(
      ['Job', 'Publish', 'Reconcile', 'Notifications'].map((part) => `${part} denyAll`),
    );
    expect(allowed(fullTemplate())).toContain('Reconcile allowAll');
  });

  it.each(['DeadLetterQueue', 'JobEventsUndeliveredQueue', 'ReconcileJobsUndeliveredQueue'])(
    '%s keeps what lands there for 14 days',
    (name) => {
      const { Properties } = resourceOf(defaultTemplate(), 'AWS::SQS::Queue', name);
      expect(Properties).toMatchObject({ MessageRetentionPeriod: 14 * 86_400 });
    },
  );

  it('takes messages from the rules alone, and so does the queue of the undelivered', () => {
    const senders = resourcesOf(defaultTemplate(), 'AWS::SQS::QueuePolicy').flatMap(([, { Properties }]) => {
      const policy = Properties as { Queues: [unknown]; PolicyDocument: { Statement: Statement[] } };
      return policy.PolicyDocument.Statement.filter(({ Effect }) => Effect === 'Allow').map((statement) => {
        const condition = statement.Condition as { ArnEquals: { 'aws:SourceArn': unknown } };
        const source = readable(condition.ArnEquals['aws:SourceArn']);
        return `${statement.Principal?.Service ?? ''} ${source} ${readable(policy.Queues[0])}`;
      });
    });
    expect(senders.sort()).toEqual(
      RULES.toSorted().flatMap((name) =>
        ['Queue', 'UndeliveredQueue'].map(
          (queue) => `events.amazonaws.com <TrackerJobEvents${name}.Arn> <TrackerJobEvents${queue}>`,
        ),
      ),
    );
  });
});
