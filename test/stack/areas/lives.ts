import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { parseTransition } from '../../../lib/client/transition-event.ts';
import { OUTPUT, PARAMETER, parameterUnder, TRANSITION_EVENT_SOURCE } from '../../../lib/contract.ts';
import { aws, parameterOf, stack, table } from '../support/aws.ts';
import { CONTEXT, deployApp, settingsOf } from '../support/cdk.ts';
import { putEvents, sampleEvent } from '../support/events.ts';
import { createJob, endJob, type CreatedJob } from '../support/jobs.ts';
import { jobsTable, recordOf, recordWith } from '../support/records.ts';
import { commandsOf, run, type Outcome } from '../support/runbook.ts';
import { deleteStack, outputsOf, statusOf } from '../support/template.ts';
import {
  allowPublishing,
  makeSubscriber,
  subscribeToBus,
  subscribeToTopic,
  type Subscriber,
} from '../support/subscriber.ts';

// What happens to trackers after the first one: the stack of the other areas is deleted, its table is there.

const tableOf = async (name: string): Promise<string> => (await outputsOf(name))[OUTPUT.jobsTableName] ?? '';
const allTables = async (): Promise<string[]> =>
  (await aws<{ TableNames: string[] }>('dynamodb', 'list-tables')).TableNames;

const track = async (job: CreatedJob, tableName: string) => {
  await putEvents(sampleEvent('state-change-in-progress', job));
  return recordWith(job.arn, 'InProgress', { tableName });
};

describe('a creation that fails half-way, after a deletion', () => {
  // It depends on the function, and so on the jobs table.
  const foreign = PARAMETER.reconcileJobsFunctionName;
  let before: string[] = [];

  beforeAll(async () => {
    before = await allTables();
    await aws('ssm', 'put-parameter', '--name', foreign, '--type', 'String', '--value', 'of somebody else');
    await expect(deployApp(stack, CONTEXT)).rejects.toThrow(/overwrite this value/);
  }, 120_000);

  test('leaves empty tables of records and nothing else', async () => {
    expect(await statusOf(stack.name)).toBe('ROLLBACK_COMPLETE');
    const left = (await allTables()).filter((name) => !before.includes(name)).sort();
    expect(left).toEqual([expect.stringContaining('JobsTable'), expect.stringContaining('ModelsTable')]);
    for (const name of left) expect((await table.send(new ScanCommand({ TableName: name }))).Items).toEqual([]);
    const { ScheduleGroups } = await aws<{ ScheduleGroups: { Name: string }[] }>('scheduler', 'list-schedule-groups');
    expect(ScheduleGroups.map(({ Name }) => Name)).toEqual(['default']);
    const { Functions } = await aws<{ Functions: unknown[] }>('lambda', 'list-functions');
    expect(Functions).toEqual([]);
  });

  test('succeeds by the same command once the reason is gone, and jobs are tracked again', async () => {
    await aws('ssm', 'delete-parameter', '--name', foreign);
    await deployApp(stack, CONTEXT);
    expect(await track(await createJob(), await tableOf(stack.name))).toMatchObject({ observed_via: 'event' });
  }, 120_000);
});

describe('two trackers in one account and Region', () => {
  const SECOND = { stackName: 'Second', parameterPrefix: '/second/jobs' };
  const tables: string[] = [];

  beforeAll(async () => {
    await deployApp(stack, { ...CONTEXT, ...SECOND });
    tables.push(await tableOf(stack.name), await tableOf(SECOND.stackName));
  }, 120_000);

  test('both track a job, each in its own table', async () => {
    const job = await createJob();
    await track(job, tables[0] ?? '');
    expect(await recordWith(job.arn, 'InProgress', { tableName: tables[1] ?? '' })).toMatchObject({ revision: 1 });
    expect(new Set(tables).size).toBe(2);
  });

  test('each is found by its own prefix', async () => {
    const names = [PARAMETER.jobsTableName, parameterUnder(SECOND.parameterPrefix, PARAMETER.jobsTableName)];
    for (const [position, name] of names.entries()) {
      expect(await parameterOf(name)).toBe(tables[position]);
    }
  });

  test('one is deleted, and the other goes on', async () => {
    await deleteStack(SECOND.stackName);
    const job = await createJob();
    await track(job, tables[0] ?? '');
    expect(await recordOf(job.arn, tables[1])).toBeUndefined();
  }, 90_000);
});

describe('"Restore the records" of the runbook', () => {
  const [list = '', choose = '', restore = '', deploy = '', update = ''] = commandsOf('Restore the records');
  const deployWith = `${deploy.trim()} ${settingsOf(CONTEXT).join(' ')}`;
  let subscriber: Subscriber;
  let reader: Subscriber;

  /** Deploys as the runbook says: what the message says is missing is mended by its commands. */
  const adopt = async (name: string): Promise<Outcome> => {
    const refused = await run(deployWith, { TABLE: name });
    const commands = refused.said.split('\n').filter((line) => /^ +aws /.test(line));
    const mended = await run(commands.join('\n'));
    expect(mended).toMatchObject({ code: 0 });
    const adopted = await run(deployWith, { TABLE: name });
    expect(adopted).toMatchObject({ code: 0, said: expect.stringContaining(`${stack.name}.JobsTableName = ${name}`) });
    return refused;
  };

  const subscribe = async (): Promise<void> => {
    await allowPublishing();
    await subscribeToTopic(reader, (await outputsOf(stack.name))[OUTPUT.notificationsTopicArn] ?? '');
  };

  beforeAll(async () => {
    [subscriber, reader] = [await makeSubscriber('later-subscriber'), await makeSubscriber('later-reader')];
    await deleteStack(stack.name);
    await subscribeToBus(subscriber, 'later-subscriber', { source: [TRANSITION_EVENT_SOURCE] });
  }, 90_000);

  describe('with the table that a deleted stack left behind', () => {
    let ended: CreatedJob;
    let history: number;

    beforeAll(async () => {
      const { Items = [] } = await table.send(
        new ScanCommand({
          TableName: jobsTable,
          FilterExpression: '#s = :running',
          ExpressionAttributeNames: { '#s': 'status' },
          ExpressionAttributeValues: { ':running': 'InProgress' },
        }),
      );
      const home = Items.filter(({ account_id, region }) => account_id === stack.account && region === stack.region);
      ended = { arn: home[0]?.['job_arn'] as string, name: home[0]?.['job_name'] as string };
      history = (await recordOf(ended.arn))?.transitions.length ?? 0;
      // While there is no tracker.
      await endJob(ended.arn, 'Failed', 'The training data has no records.');
    });

    test('the table is found', async () => {
      expect((await run(list)).said).toContain(jobsTable);
      expect((await run(`${choose.replace('<the table>', jobsTable)}echo "$TABLE"`)).said).toContain(jobsTable);
    });

    test('it is refused until it has a new stream, and then adopted', async () => {
      const refused = await adopt(jobsTable);
      expect(refused.code).not.toBe(0);
      expect(refused.said).toContain(`the table ${jobsTable} cannot be adopted as it is`);
      expect(refused.said).toContain('then start a new stream');
      expect(await tableOf(stack.name)).toBe(jobsTable);
      await subscribe();
    }, 180_000);

    test('the sweep brings the records up to date, with their history', async () => {
      const { code, said } = await run(update);
      expect({ code, failed: said.includes('FunctionError') }).toEqual({ code: 0, failed: false });
      const record = await recordWith(ended.arn, 'Failed');
      expect(record.transitions.length).toBe(history + 1);
      expect(record.transitions.at(-1)).toMatchObject({ to: 'Failed', via: 'sweep' });
    }, 60_000);

    test('what happened meanwhile is published, and people are told; nothing old is', async () => {
      await reader.message('a notification of the end', (message) =>
        (message as { Message: string }).Message.includes(ended.name) ? true : undefined,
      );
      const detailOf = (message: unknown) => parseTransition(message).detail;
      await subscriber.message('its transition', (message) =>
        detailOf(message).job_arn === ended.arn ? true : undefined,
      );
      // Jobs of the trackers before are not in this table: the first sweep finds them, and tells nobody.
      const news = subscriber
        .all()
        .map(detailOf)
        .filter(({ via }) => via !== 'backfill');
      expect(news.map(({ job_arn, to }) => [job_arn, to])).toEqual([[ended.arn, 'Failed']]);
      expect(reader.all()).toHaveLength(1);
    }, 60_000);

    test('another deployment keeps the table and its stream', async () => {
      expect(await run(deployWith, { TABLE: jobsTable })).toMatchObject({ code: 0 });
    }, 90_000);
  });

  describe('with a restored copy, adopted by the same stack', () => {
    const copy = `${jobsTable}-restored`;

    test('the copy is restored, mended and adopted', async () => {
      expect(await run(restore, { TABLE: jobsTable })).toMatchObject({ code: 0 });
      const refused = await adopt(copy);
      expect(refused.said).toContain('It has no stream.');
      expect(refused.said).toContain('DynamoDB does not protect it from deletion.');
      expect(await tableOf(stack.name)).toBe(copy);
    }, 180_000);

    test('it has the history, and jobs are tracked in it from now on', async () => {
      const scan = async (name: string) =>
        (await table.send(new ScanCommand({ TableName: name, Select: 'COUNT' }))).Count;
      expect(await scan(copy)).toBe(await scan(jobsTable));
      const before = subscriber.all().length;
      const job = await createJob();
      await track(job, copy);
      expect(await recordOf(job.arn)).toBeUndefined();
      await subscriber.message('the event of the new job', (message) =>
        parseTransition(message).detail.job_arn === job.arn ? true : undefined,
      );
      expect(subscriber.all().length).toBe(before + 1);
    });
  });
});
