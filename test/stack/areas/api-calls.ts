import { isDeepStrictEqual } from 'node:util';
import { TagResourceCommand, UntagResourceCommand } from '@aws-sdk/client-bedrock';
import { DescribeRuleCommand, ListRulesCommand, TestEventPatternCommand } from '@aws-sdk/client-eventbridge';
import { describe, expect, test } from '@jest/globals';
import { bedrock, events, eventually } from '../support/aws.ts';
import { eventText, putEvents, sampleEvent } from '../support/events.ts';
import { createJob, endJob, stopJob } from '../support/jobs.ts';
import { recordOf, recordWith } from '../support/records.ts';

const tagsOf = (arn: string, expected: Readonly<Record<string, string>>) =>
  eventually(`a record of ${arn} with the tags ${JSON.stringify(expected)}`, async () => {
    const tags = (await recordOf(arn))?.tags;
    if (!isDeepStrictEqual(tags, expected)) throw new Error(`they are ${JSON.stringify(tags)}`);
    return true;
  });

describe('API calls that CloudTrail tells of', () => {
  test('a create call becomes a record', async () => {
    const job = await createJob();
    await putEvents(sampleEvent('cloudtrail-create', job));
    expect(await recordWith(job.arn, 'InProgress')).toMatchObject({ observed_via: 'event' });
  });

  test.each(['cloudtrail-stop-by-arn', 'cloudtrail-stop-by-name'])(
    'a stop call (%s) is tracked to its end',
    async (fixture) => {
      const job = await createJob();
      await stopJob(job.arn);
      await putEvents(sampleEvent(fixture, job));
      await recordWith(job.arn, 'Stopping');
      await endJob(job.arn, 'Stopped');
      await putEvents(sampleEvent('state-change-stopped', job));
      await recordWith(job.arn, 'Stopped');
    },
  );

  test('tags that are set and taken away are in the record', async () => {
    const job = await createJob({ team: 'ml' });
    await putEvents(sampleEvent('cloudtrail-create', job));
    await tagsOf(job.arn, { team: 'ml' });
    await bedrock.send(new TagResourceCommand({ resourceARN: job.arn, tags: [{ key: 'env', value: 'prod' }] }));
    await putEvents(sampleEvent('cloudtrail-tag', job));
    await tagsOf(job.arn, { env: 'prod', team: 'ml' });
    await bedrock.send(new UntagResourceCommand({ resourceARN: job.arn, tagKeys: ['team'] }));
    await putEvents(sampleEvent('cloudtrail-untag', job));
    await tagsOf(job.arn, { env: 'prod' });
  });

  test.each([
    ['cloudtrail-create', true],
    ['cloudtrail-stop-by-arn', true],
    ['cloudtrail-stop-by-name', true],
    ['cloudtrail-tag', true],
    ['cloudtrail-untag', true],
    ['state-change-completed', true],
    ['cloudtrail-create-denied', false],
    ['cloudtrail-tag-other-resource', false],
    ['scheduled', false],
  ])('a deployed rule takes %s: %s', async (fixture, isTaken) => {
    const { Rules = [] } = await events.send(new ListRulesCommand({ NamePrefix: 'BedrockJobTracker' }));
    const answers = await Promise.all(
      Rules.map(async ({ Name }) => {
        const { EventPattern } = await events.send(new DescribeRuleCommand({ Name }));
        const { Result } = await events.send(new TestEventPatternCommand({ EventPattern, Event: eventText(fixture) }));
        return Result;
      }),
    );
    expect(answers.includes(true)).toBe(isTaken);
  });
});
