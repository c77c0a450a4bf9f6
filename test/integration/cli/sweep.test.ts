import { describe, expect, it } from '@jest/globals';
import { CreateModelCustomizationJobCommand, TagResourceCommand } from '@aws-sdk/client-bedrock';
import { GetCommand, PutCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { PARAMETER } from '../../../lib/contract.ts';
import type { SimulatorOptions } from '../../../lib/simulator/index.ts';
import { closeAfterEach, eventually } from '../../support/integration/suite.ts';
import { startCommandLine, type CommandLine } from '../../support/integration/command.ts';
import { jsonAnswer, serve, type HttpAnswer, type HttpRequest } from '../../support/integration/http.ts';
import { trackerSettings } from '../../support/tracker-settings.ts';
import { jobInput } from '../../support/integration/simulator.ts';

const OWN = '123456789012#us-east-1';
const OTHER = '999988887777#us-east-1';

const opened = closeAfterEach();

const IDENTITY =
  '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>' +
  '<Arn>arn:aws:iam::123456789012:user/x</Arn><UserId>x</UserId><Account>123456789012</Account>' +
  '</GetCallerIdentityResult></GetCallerIdentityResponse>';

interface Cloud {
  /** How the deployed function ends. */
  invoked: HttpAnswer;
  /** What the stack published. */
  settings: string;
  readonly invocations: HttpRequest[];
  readonly url: string;
  readonly close: () => Promise<void>;
}

/** STS, SSM and Lambda, as far as a sweep asks them. */
const startCloud = async (): Promise<Cloud> => {
  const cloud = {
    invoked: jsonAnswer(200, []),
    invocations: [] as HttpRequest[],
    settings: JSON.stringify(trackerSettings()),
  };
  const server = await serve((request) => {
    if (request.path.startsWith('/2015-03-31/functions/')) {
      cloud.invocations.push(request);
      return Promise.resolve(cloud.invoked);
    }
    if (request.headers['x-amz-target'] === 'AmazonSSM.GetParameter') {
      const { Name } = JSON.parse(request.body) as { Name: string };
      const Value = Name === PARAMETER.settings ? cloud.settings : 'reconcile';
      return Promise.resolve(jsonAnswer(200, { Parameter: { Value } }));
    }
    return Promise.resolve({ status: 200, headers: { 'content-type': 'text/xml' }, body: IDENTITY });
  });
  return Object.assign(cloud, server);
};

/** The command line with credentials of one's own, for a tracker of two accounts. */
const start = async (options: SimulatorOptions = {}) => {
  const cloud = await opened(startCloud());
  const line = await opened(
    startCommandLine(options, { AWS_ENDPOINT_URL: cloud.url, TRACKED_SCOPES: `${OWN},${OTHER}` }),
  );
  return { ...line, cloud };
};

const create = async ({ client }: Pick<CommandLine, 'client'>, ...names: string[]) => {
  for (const name of names) await client.send(new CreateModelCustomizationJobCommand(jobInput(name)));
};
const namesOf = async ({ records }: Pick<CommandLine, 'records'>) =>
  (await records()).map(({ job_name }) => job_name).sort();

const FULL_STATE = { finished_at: '2026-08-10T02:00:00.000Z', succeeded_at: '2026-08-10T02:00:00.000Z' };

describe('bedrock-jobs sweep', () => {
  it("finds jobs with one's own credentials, and leaves out the scopes of other accounts", async () => {
    const line = await start();
    await create(line, 'one', 'two');
    const { code, stdout, stderr } = await line.run('sweep', 'active');
    expect(code).toBe(0);
    expect(stdout.split('\n').map((row) => row.split(/ +/).slice(0, 4))).toEqual([
      ['SCOPE', 'SWEEP', 'LISTED', 'DRIFTED'],
      [OWN, 'active', '2', '2'],
      // A scope that never had a full sweep gets it, too.
      [OWN, 'full', '2', '0'],
      [''],
    ]);
    expect(stderr).toContain(
      `Skipped, since they are in other accounts than your credentials: ${OTHER}. Use --deployed`,
    );
    expect(await namesOf(line)).toEqual(['one', 'two']);
  });

  it('corrects with a full sweep what no event told of, ended jobs too', async () => {
    const line = await start({ speed: 1_000_000 });
    await line.run('sweep', 'full');
    await create(line, 'one', 'two');
    await eventually(() => {
      expect([...line.simulator.jobs()].map(({ job }) => job.status)).toEqual(['Completed', 'Completed']);
    });
    const { code, stdout, stderr } = await line.run('sweep', 'full', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      sweep: 'full',
      complete: true,
      scopes: [
        {
          scope: OWN,
          sweep: 'full',
          finished: true,
          counts: { listed: 2, drifted: 2, corrected: 2, missing: 0, failed: 0 },
        },
      ],
      undone: [],
    });
    expect(stderr).toContain('All swept. Corrected 2 job statuses.');
    expect((await line.records()).map(({ status }) => status)).toEqual(['Completed', 'Completed']);
  });

  it.each([
    [0, undefined],
    [30, 'speech'],
  ])('compares tags of the last %i days where the stack was deployed so', async (tagRefreshDays, team) => {
    const line = await start({ speed: 1_000_000 });
    line.cloud.settings = JSON.stringify(trackerSettings({ tagRefreshDays }));
    await create(line, 'one');
    await eventually(() => {
      expect([...line.simulator.jobs()].map(({ job }) => job.status)).toEqual(['Completed']);
    });
    await line.run('sweep', 'full');
    const [{ job_arn: resourceARN } = { job_arn: '' }] = await line.records();
    await line.client.send(new TagResourceCommand({ resourceARN, tags: [{ key: 'team', value: 'speech' }] }));
    expect(await line.run('sweep', 'full')).toMatchObject({ code: 0 });
    expect((await line.records())[0]?.tags['team']).toBe(team);
  });

  it('assumes the default where the settings cannot be read, and says so', async () => {
    const line = await start();
    line.cloud.settings = 'not JSON';
    const { code, stderr } = await line.run('sweep', 'full');
    expect(code).toBe(0);
    expect(stderr).toMatch(/^The SSM parameter \S+ does not hold a tracker's settings/m);
  });

  it('leaves what the tracker knows of other scopes as it is: a part of the scopes is no removal of the others', async () => {
    const line = await start();
    await line.run('sweep', 'full');
    const { client, jobsTable, sweepsTable } = line.tables;
    const record = {
      job_arn: 'arn:other',
      scope: OTHER,
      creation_time: '2026-08-10T00:00:00.000Z',
      status: 'Completed',
    };
    await client.send(new PutCommand({ TableName: jobsTable, Item: { ...record, revision: 1, transitions: [] } }));
    await client.send(new PutCommand({ TableName: sweepsTable, Item: { scope: OTHER, sweep: 'full', ...FULL_STATE } }));
    await line.run('sweep', 'full');
    await line.run('sweep', 'active', '--scopes', OWN);
    const state = await client.send(new GetCommand({ TableName: sweepsTable, Key: { scope: OTHER, sweep: 'full' } }));
    expect(state.Item).toEqual({ scope: OTHER, sweep: 'full', ...FULL_STATE });
    expect((await line.records())[0]).not.toHaveProperty('untracked_since');
  });

  it('runs on the tables and the Bedrock of a local run', async () => {
    const line = await start();
    await create(line, 'one');
    const { code, stderr } = await line.run('sweep', 'full', '--data-dir', line.folder);
    expect([code, await namesOf(line)]).toEqual([0, ['one']]);
    expect(stderr).not.toContain('Skipped');
  });

  it('ends with 1 and says why where Bedrock denies it', async () => {
    const line = await start();
    line.simulator.faults = { accessDenied: ['ListModelCustomizationJobs'] };
    const { code, stdout, stderr } = await line.run('sweep', 'full');
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/1 scope and 0 jobs could not be swept/);
    expect(stderr).toMatch(/\nscope 123456789012#us-east-1: Not allowed to call bedrock:ListModelCustomizationJobs/);
  });

  it('ends with 1 and names the job that could not be looked at', async () => {
    const line = await start();
    await create(line, 'one', 'two');
    line.simulator.faults = { accessDenied: ['GetModelCustomizationJob:one'] };
    const { code, stdout, stderr } = await line.run('sweep', 'full');
    expect(code).toBe(1);
    expect(stdout).toMatch(/full +2 +2 +0 +0 +1 +yes/);
    expect(stderr).toMatch(/0 scopes and 1 job could not be swept.*\narn:\S+: Not allowed to call bedrock:Get/);
    expect(await namesOf(line)).toEqual(['two']);
  });

  it('does nothing where another run holds the full sweep', async () => {
    const line = await start();
    const { client, sweepsTable } = line.tables;
    const held = { scope: OWN, sweep: 'full', lease_until: '2999-01-01T00:00:00.000Z' };
    await client.send(new PutCommand({ TableName: sweepsTable, Item: held }));
    const { code, stderr } = await line.run('sweep', 'full', '--scopes', OWN);
    expect([code, stderr]).toEqual([1, `Another run is doing the full sweep of ${OWN}, so this one skipped it.\n`]);
  });

  it('ends in order at Ctrl-C: gives the lease back, and says that there is more to do', async () => {
    const line = await start();
    await create(line, 'one', 'two', 'three');
    line.simulator.faults = { latencyMs: 1500 };
    const { child, said, result } = line.start('sweep', 'full', '--scopes', OWN);
    await eventually(async () => {
      const { Items } = await line.tables.client.send(new ScanCommand({ TableName: line.tables.sweepsTable }));
      expect(Items?.[0]).toHaveProperty('lease_until');
    }, 30_000);
    child.kill('SIGINT');
    const { code, stderr } = await result;
    expect(code).toBe(1);
    expect(said().stderr).toContain('Stopping after the requests in flight');
    expect(stderr).toContain(`The full sweep of ${OWN} did not finish. The next one continues from there.`);
    const { Items } = await line.tables.client.send(new ScanCommand({ TableName: line.tables.sweepsTable }));
    expect(Items?.[0]).not.toHaveProperty('lease_until');
  });
});

describe('bedrock-jobs sweep --deployed', () => {
  const COUNTS = { listed: 3, drifted: 1, corrected: 1, missing: 0, failed: 0 };

  it('runs the function that the parameter names, and shows what it says of every account', async () => {
    const { cloud, run } = await start();
    cloud.invoked = jsonAnswer(200, [{ scope: OTHER, sweep: 'full', finished: true, counts: COUNTS }]);
    const { code, stdout } = await run('sweep', 'full', '--deployed');
    expect([code, stdout.split('\n')[1]?.split(/ +/)[0]]).toEqual([0, OTHER]);
    expect(cloud.invocations.map(({ path, body }) => [path, body])).toEqual([
      ['/2015-03-31/functions/reconcile/invocations', '{"sweep":"full"}'],
    ]);
  });
});
