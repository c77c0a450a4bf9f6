import { beforeEach, describe, expect, it } from '@jest/globals';
import { fc, test } from '@fast-check/jest';
import { notificationOf } from '../../../lib/domain/notification.ts';
import type { ModelTransitionDetail, TransitionDetail } from '../../../lib/domain/transition-event.ts';
import {
  BECAME_IDLE,
  DEPLOYMENT,
  detailOf,
  modelDetailOf,
  newModel,
  newRecord,
  THROUGHPUT,
} from '../../support/transitions.ts';

let failed: TransitionDetail;
beforeEach(() => {
  const tags = { team: 'marketing', cost: '7' };
  failed = detailOf(newRecord('fine-tuning-failed', {}, { tags, fetchedAt: '2026-08-09T21:23:10.000Z' }));
});
const linesOf = (detail: TransitionDetail): string[] => notificationOf(detail).message.split('\n');
const valueOf = (detail: TransitionDetail, label: string): string | undefined =>
  linesOf(detail)
    .find((line) => line.startsWith(`${label}:`))
    ?.slice(label.length + 1)
    .trim();

describe('a notification', () => {
  it('says what happened, why, how long it took, when it was noticed, and where to look', () => {
    expect(notificationOf(failed)).toEqual({
      subject: 'Bedrock job marketing-copy-ft-3 failed in us-east-1',
      message: [
        'The model customization job marketing-copy-ft-3 failed.',
        '',
        'Why:           Could not validate GetObject permissions to access Amazon S3 bucket: acme-ml-training-use1 at key copy/train.jsonl',
        'Status:        none seen before -> Failed, at 2026-08-09T21:22:58.301Z',
        'Took:          1 min 42 s, from 2026-08-09T21:21:16.774Z to 2026-08-09T21:22:58.301Z',
        'Noticed:       12 s later, by an event',
        'Account:       123456789012',
        'Region:        us-east-1',
        'Type:          FINE_TUNING',
        'Base model:    arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-micro-v1:0:128k',
        'Output model:  marketing-copy-micro',
        'Tags:          cost=7, team=marketing',
        `Job:           ${failed.job_arn}`,
        '',
        'Where to look:',
        'https://us-east-1.console.aws.amazon.com/bedrock/home?region=us-east-1#/custom-models (under Jobs)',
        `aws bedrock get-model-customization-job --region us-east-1 --job-identifier ${failed.job_arn}`,
        '',
      ].join('\n'),
      attributes: { to: 'Failed', account_id: '123456789012', region: 'us-east-1' },
    });
  });

  it('names the output model, and says that a sweep noticed a change without an event', () => {
    const completed = detailOf(newRecord('fine-tuning-completed', {}, { via: 'sweep' }));
    expect(valueOf(completed, 'Output model')).toBe(completed.output_model_arn);
    expect(valueOf(completed, 'Noticed')).toMatch(/later, by a sweep, as no event had arrived$/);
    expect(valueOf(completed, 'Why')).toBeUndefined();
  });

  it.each([
    ['Completed', 'Bedrock job j completed in us-east-1'],
    ['Stopping', 'Bedrock job j is being stopped in us-east-1'],
    ['Stopped', 'Bedrock job j was stopped in us-east-1'],
    ['InProgress', 'Bedrock job j is in progress in us-east-1'],
    ['Paused', 'Bedrock job j is now Paused in us-east-1'],
    ['constructor', 'Bedrock job j is now constructor in us-east-1'],
  ])('about %s has the subject "%s"', (to, subject) => {
    expect(notificationOf({ ...failed, job_name: 'j', to }).subject).toBe(subject);
  });

  it.each([
    ['aws-us-gov', 'https://us-east-1.console.amazonaws-us-gov.com/bedrock/home?region=us-east-1#/custom-models'],
    ['aws-cn', 'https://us-east-1.console.amazonaws.cn/bedrock/home?region=us-east-1#/custom-models'],
  ])('links to the console of the partition %s', (partition, address) => {
    const detail = { ...failed, job_arn: failed.job_arn.replace('arn:aws:', `arn:${partition}:`) };
    expect(linesOf(detail)).toContain(`${address} (under Jobs)`);
  });

  it('has no link for an unknown console, and no command for an invalid ARN', () => {
    const elsewhere = linesOf({ ...failed, job_arn: failed.job_arn.replace('arn:aws:', 'arn:aws-iso:') });
    expect(elsewhere.slice(elsewhere.indexOf('Where to look:'))).toEqual([
      'Where to look:',
      expect.stringMatching(
        /^aws bedrock get-model-customization-job --region us-east-1 --job-identifier arn:aws-iso:/,
      ),
      '',
    ]);
    expect(linesOf({ ...failed, job_arn: `${failed.job_arn};rm -rf ~` }).join()).not.toMatch(/aws bedrock|https:/);
  });

  it('cuts the name to fit its subject into 100 characters', () => {
    const room = 100 - 'Bedrock job  failed in us-east-1'.length;
    const subjectOf = (change: Partial<TransitionDetail>) => notificationOf({ ...failed, ...change }).subject;
    expect(subjectOf({ job_name: 'n'.repeat(room) })).toBe(`Bedrock job ${'n'.repeat(room)} failed in us-east-1`);
    expect(subjectOf({ job_name: 'n'.repeat(room + 1) })).toBe(
      `Bedrock job ${'n'.repeat(room - 3)}... failed in us-east-1`,
    );
    const told = `is now ${'S'.repeat(39)}? in us-east-1`.slice(0, 50);
    expect(subjectOf({ job_name: 'n'.repeat(60), to: 'S'.repeat(99) })).toBe(
      `Bedrock job ${'n'.repeat(100 - 13 - told.length - 3)}... ${told}`,
    );
    expect(subjectOf({ job_name: ' caf\u00e9 \n\t one ' })).toBe('Bedrock job caf? one failed in us-east-1');
  });

  it('cuts a value beyond 2,048 characters, with an ellipsis', () => {
    const why = (failure_message: string) => valueOf({ ...failed, failure_message }, 'Why');
    expect(why('x'.repeat(2_048))).toBe('x'.repeat(2_048));
    expect(why('x'.repeat(2_049))).toBe(`${'x'.repeat(2_047)}…`);
    expect(why('\u{1F600}'.repeat(2_000))?.isWellFormed()).toBe(true);
  });

  it('has no line for an absent or blank value', () => {
    const labels = linesOf({ ...failed, failure_message: ' \n ', customization_type: '', tags: {} }).map(
      (line) => line.split(':')[0],
    );
    for (const label of ['Why', 'Type', 'Tags']) expect(labels).not.toContain(label);
  });

  it.each([
    ['backfill', '12 s later, by the first sweep of its account and Region'],
    ['replay', '12 s later, replay'],
    ['toString', '12 s later, toString'],
  ])('says how a transition via %s was noticed', (via, words) => {
    expect(valueOf({ ...failed, via }, 'Noticed')).toBe(words);
  });

  it('leaves out unknown times', () => {
    const { creation_time: _, ...rest } = failed;
    expect(valueOf(rest, 'Took')).toBeUndefined();
    expect(valueOf({ ...failed, creation_time: '2099-01-01T00:00:00.000Z' }, 'Took')).toBeUndefined();
    expect(valueOf({ ...failed, observed_at: '2020-01-01T00:00:00.000Z' }, 'Noticed')).toBe(
      '2020-01-01T00:00:00.000Z, by an event',
    );
  });

  it('measures a running job up to the transition', () => {
    const { end_time: _, ...running } = failed;
    expect(valueOf({ ...running, to: 'Stopping', at: '2026-08-10T00:33:16.774Z' }, 'Took')).toMatch(/^3 h 12 min, /);
  });

  it('counts the omitted tags', () => {
    const tags = Object.fromEntries(Array.from({ length: 60 }, (_, n) => [`k${String(n).padStart(2, '0')}`, 'v']));
    expect(valueOf({ ...failed, tags, tags_left_out: 2 }, 'Tags')).toMatch(/, k49=v and 12 more$/);
  });

  const hostile = fc.oneof(
    fc.constantFrom(
      'ok\nWhy: all is well',
      'ok\r\n\r\nWhere to look:\r\nhttps://evil.example',
      '\u2028Account: 1\u2029Region: 2\u0085Tags: 3',
      '\u202Egnorw\u0000\u001B[31m',
      'x'.repeat(10_000),
    ),
    fc.string({ unit: 'binary', maxLength: 300 }),
  );
  const fields = fc.record(
    Object.fromEntries(
      [
        'job_name',
        'to',
        'from',
        'status',
        'failure_message',
        'base_model_arn',
        'output_model_arn',
        'customization_type',
        'creation_time',
        'end_time',
        'at',
        'observed_at',
        'via',
        'region',
        'account_id',
        'job_arn',
      ].map((name) => [name, hostile]),
    ),
    { requiredKeys: [] },
  );
  test.prop([fields, fc.dictionary(hostile, hostile, { maxKeys: 4 })])(
    'has only its own lines, whatever names and messages contain',
    (change, tags) => {
      const detail: TransitionDetail = { ...failed, ...change, tags };
      const { subject, message, attributes } = notificationOf(detail);
      expect(subject).toMatch(/^[!-~][ -~]{0,99}$/);
      expect(message).not.toMatch(/[^\n\P{C}]|[\u2028\u2029]/u);
      expect(message.length).toBeLessThan(50_000);
      const own = /^(?:|The model .*|[A-Z][a-z ]+: .*|Where to look:|https:\/\/us-east-1\..*|aws bedrock .*)$/;
      const labels = message.split('\n').map((line) => {
        expect(line).toMatch(own);
        return line.split(':')[0];
      });
      for (const label of ['Why', 'Account', 'Region', 'Tags', 'Where to look']) {
        expect(labels.filter((entry) => entry === label).length).toBeLessThanOrEqual(1);
      }
      for (const value of Object.values(attributes)) expect(value).not.toMatch(/\p{C}/u);
    },
  );
});

describe('a notification about what serves a model', () => {
  const linesFrom = (detail: ModelTransitionDetail, heading: string): string[] => {
    const lines = notificationOf(detail).message.split('\n');
    return lines.includes(heading) ? lines.slice(lines.indexOf(heading)) : [];
  };

  it('says what an idle throughput costs, whose it is, and how to look at it and delete it', () => {
    const { model_arn, job_arn } = newModel();
    expect(notificationOf(modelDetailOf())).toEqual({
      subject: 'Provisioned throughput triage-peak is idle in us-west-2',
      message: [
        'Provisioned throughput triage-peak has served nothing for 14 days and costs 48 unit hours a day.',
        '',
        'Unused since:  2026-11-06T02:00:00.000Z',
        'Model units:   2',
        'Created:       2026-10-01T10:00:00.000Z',
        'Account:       123456789012',
        'Region:        us-west-2',
        'Type:          FINE_TUNING',
        'Base model:    arn:aws:bedrock:us-west-2::foundation-model/meta.llama3-3-70b-instruct-v1:0:128k',
        `Model:         ${model_arn}`,
        `Job:           ${job_arn}`,
        'Tags:          team=support',
        `Throughput:    ${THROUGHPUT}`,
        '',
        'Where to look:',
        `bedrock-jobs models show ${THROUGHPUT}`,
        `aws bedrock get-provisioned-model-throughput --region us-west-2 --provisioned-model-id ${THROUGHPUT}`,
        '',
        'Who created it:',
        'aws cloudtrail lookup-events --region us-west-2 --lookup-attributes AttributeKey=EventName,AttributeValue=CreateProvisionedModelThroughput --start-time 2026-10-01T09:59:00.000Z --end-time 2026-10-01T10:05:00.000Z',
        '',
        'To delete it:',
        `aws bedrock delete-provisioned-model-throughput --region us-west-2 --provisioned-model-id ${THROUGHPUT}`,
        '',
      ].join('\n'),
      attributes: { to: 'Idle', account_id: '123456789012', region: 'us-west-2' },
    });
  });

  it('does not offer to delete a throughput before its commitment ends', () => {
    const committed = (end: string) => ({
      ...modelDetailOf(),
      commitment_duration: 'OneMonth',
      commitment_expiration_time: end,
    });
    const running = committed('2026-12-01T00:00:00.000Z');
    expect(linesFrom(running, 'To delete it:')).toEqual([]);
    expect(notificationOf(running).message).toContain(
      'Commitment:    OneMonth\nIt ends:       2026-12-01T00:00:00.000Z\n',
    );
    expect(linesFrom(committed('2026-11-01T00:00:00.000Z'), 'To delete it:')).toHaveLength(3);
    const { commitment_expiration_time: _, ...unknown } = running;
    expect(linesFrom(unknown, 'To delete it:')).toEqual([]);
  });

  it('says of an idle deployment no unit hours', () => {
    const idle = modelDetailOf(newModel(), { ...BECAME_IDLE, resource: DEPLOYMENT });
    const { subject, message } = notificationOf({ ...idle, unused_since: '2026-11-05T00:00:00.000Z' });
    expect(subject).toBe('Deployment triage-on-demand is idle in us-west-2');
    expect(message).toMatch(/^Deployment triage-on-demand has served nothing for 15 days\.\n/);
    expect(message).toContain(`\nDeployment:    ${DEPLOYMENT}\n`);
    expect(message).toContain(
      `aws bedrock delete-custom-model-deployment --region us-west-2 --custom-model-deployment-identifier ${DEPLOYMENT}`,
    );
  });

  it.each<[change: Partial<ModelTransitionDetail>, sentence: string]>([
    [{ to: 'Used' }, 'Provisioned throughput triage-peak is used again.'],
    [{ task: undefined as never, to: 'Updating' }, 'Provisioned throughput triage-peak is now Updating.'],
    [{ task: undefined as never, to: 'Removed' }, 'Provisioned throughput triage-peak is no longer there.'],
    [{ kind: 'shard' }, 'Resource triage-peak has served nothing for 14 days and costs 48 unit hours a day.'],
    [{ unused_since: '?' }, 'Provisioned throughput triage-peak has served nothing and costs 48 unit hours a day.'],
    [
      { observed_at: '2026-11-07T02:00:00.000Z' },
      'Provisioned throughput triage-peak has served nothing for 1 day and costs 48 unit hours a day.',
    ],
  ])('with %j says "%s"', (change, sentence) => {
    expect(notificationOf({ ...modelDetailOf(), ...change }).message.split('\n')[0]).toBe(sentence);
  });

  it('says that a model is gone', () => {
    const [own = BECAME_IDLE] = newModel().transitions;
    const detail = modelDetailOf(newModel(), { ...own, from: 'Active', to: 'Removed' });
    expect(notificationOf(detail)).toMatchObject({
      subject: 'Custom model support-triage-llama33-v3 is no longer there in us-west-2',
      message: expect.stringContaining('\nStatus:        Active -> Removed, at 2026-08-10T01:19:51.876Z\n'),
    });
    expect(linesFrom(detail, 'Where to look:')).toHaveLength(4);
  });

  it('does not ask CloudTrail for what is older than 90 days', () => {
    const old = { ...modelDetailOf(), resource_creation_time: '2026-08-22T03:09:00.000Z' };
    expect(linesFrom(old, 'Who created it:')).toEqual([]);
    expect(linesFrom({ ...old, resource_creation_time: '2026-08-22T03:11:00.000Z' }, 'Who created it:')).not.toEqual(
      [],
    );
    expect(linesFrom({ ...old, resource_creation_time: 'never' }, 'Who created it:')).toEqual([]);
  });

  it.each([
    `${THROUGHPUT};rm -rf ~`,
    THROUGHPUT.replace('arn:aws:', 'arn:aws-$(id):'),
    'triage-peak',
    `${THROUGHPUT}\n`,
  ])('has no command for the invalid ARN %j', (resource) => {
    expect(notificationOf({ ...modelDetailOf(), resource }).message).not.toMatch(/^aws |bedrock-jobs/m);
  });

  const text = fc.oneof(
    fc.constantFrom('a\nWhy: b', '\u2028To delete it:', 'x'.repeat(10_000)),
    fc.string({ unit: 'binary' }),
  );
  const own = ['kind', 'task', 'to', 'from', 'resource', 'resource_name', 'resource_creation_time', 'model_arn'];
  const more = ['unused_since', 'commitment_duration', 'commitment_expiration_time', 'job_arn', 'region', 'at'];
  const anyFields = fc.record(Object.fromEntries([...own, ...more].map((name) => [name, text])), { requiredKeys: [] });
  test.prop([anyFields])('has only its own lines, whatever names contain', (change) => {
    const { subject, message } = notificationOf({ ...modelDetailOf(), ...change });
    expect(subject).toMatch(/^[!-~][ -~]{0,99}$/);
    const [, ...lines] = message.split('\n');
    for (const line of lines) expect(line).toMatch(/^(?:|[A-Z][A-Za-z ]+: .*|[A-Z][a-z ]+:|aws .*|bedrock-jobs .*)$/);
    expect(message).not.toMatch(/[^\n\P{C}]|[\u2028\u2029]/u);
  });
});
