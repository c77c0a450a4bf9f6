import { describe, expect, it, jest } from '@jest/globals';
import {
  CreateModelCustomizationJobCommand,
  DeleteProvisionedModelThroughputCommand,
  ListCustomModelDeploymentsCommand,
  ListProvisionedModelThroughputsCommand,
  paginateListModelCustomizationJobs,
} from '@aws-sdk/client-bedrock';
import { CloudWatchClient, GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { DAY } from '../../../lib/domain/time.ts';
import { seedHistory } from '../../../lib/local/history.ts';
import { simulateTeams } from '../../../lib/local/workload.ts';
import { clientOf, jobInput, start } from '../../support/integration/simulator.ts';

describe('the simulated teams', () => {
  it('make series of runs that differ in their hyperparameters alone, one of them reckless', async () => {
    const simulator = await start({ speed: 1 });
    const client = clientOf(simulator);
    const teams = simulateTeams(client);
    for (let round = 0; round < 40; round += 1) await teams.play(1000);
    const made = [...simulator.jobs()];
    const jobs = made.map(({ job }) => job);
    expect(jobs).toHaveLength(40);
    const sweeps = [...Map.groupBy(made, ({ tags }) => tags['sweep']).values()];
    expect(sweeps.filter(({ length }) => length === 6).length).toBeGreaterThanOrEqual(4);
    expect(jobs.every(({ jobName }) => teams.made(jobName))).toBe(true);
    expect(new Set(jobs.map(({ jobName }) => jobName)).size).toBe(40);
    const series = new Map<string, typeof jobs>();
    for (const job of jobs.filter(({ customizationType }) => customizationType === 'FINE_TUNING')) {
      const same = JSON.stringify([job.baseModelArn, job.trainingDataConfig, job.validationDataConfig]);
      series.set(same, [...(series.get(same) ?? []), job]);
      const { learningRate, epochCount } = job.hyperParameters ?? {};
      expect(job.jobName).toContain(`-lr${learningRate ?? ''}-e${epochCount ?? ''}-`);
      if (job.baseModelArn?.includes('nova-2')) expect(job.validationDataConfig).toBeUndefined();
    }
    const longest = [...series.values()].sort((left, right) => right.length - left.length)[0] ?? [];
    expect(new Set(longest.map(({ hyperParameters }) => JSON.stringify(hyperParameters))).size).toBe(6);
    expect(longest.map(({ hyperParameters }) => hyperParameters?.['learningRate'])).toContain('1e-3');
  });

  it('never stop or tag a job that somebody else made', async () => {
    const simulator = await start({ speed: 1 });
    const client = clientOf(simulator);
    await client.send(new CreateModelCustomizationJobCommand(jobInput('mine')));
    const teams = simulateTeams(client);
    // Whatever may be stopped and tagged now is, the job of the list that comes first.
    const random = jest.spyOn(Math, 'random').mockReturnValue(0);
    for (let round = 0; round < 8; round += 1) await teams.play(1000);
    random.mockRestore();
    const changed = [...simulator.jobs()].filter(
      ({ job, tags }) => job.status !== 'InProgress' || tags['reviewed'] !== undefined,
    );
    expect(changed.map(({ job }) => job.status)).toContain('Stopping');
    expect(changed.some(({ tags }) => tags['reviewed'] === 'yes')).toBe(true);
    expect(changed.map(({ job }) => job.jobName)).not.toContain('mine');
  });

  it('keep no more jobs running than they are told', async () => {
    const simulator = await start({ speed: 1 });
    const client = clientOf(simulator);
    const teams = simulateTeams(client);
    for (let round = 0; round < 6; round += 1) await teams.play(2);
    let active = 0;
    for await (const page of paginateListModelCustomizationJobs({ client }, { statusEquals: 'InProgress' }))
      active += page.modelCustomizationJobSummaries?.length ?? 0;
    expect(active).toBeLessThanOrEqual(2);
  });

  it('deploy models that they made, use what is live, and take one down again when there are four', async () => {
    const simulator = await start({ speed: 1e9 });
    const client = clientOf(simulator);
    const used = new Set<string>();
    const teams = simulateTeams(client, (arn) => used.add(arn));
    jest.spyOn(Math, 'random').mockReturnValue(0);
    const counts: number[] = [];
    for (let round = 0; round < 8; round += 1) {
      await teams.play(1000);
      await teams.serve();
      const { modelDeploymentSummaries: deployments = [] } = await client.send(new ListCustomModelDeploymentsCommand());
      counts.push(deployments.length);
    }
    jest.restoreAllMocks();
    expect(Math.max(...counts)).toBe(4);
    expect(counts.slice(counts.indexOf(4))).toContain(3);
    expect(used.size).toBeGreaterThanOrEqual(3);
  });
});

describe('the history of the simulated teams', () => {
  const scope = { accountId: '123456789012', region: 'us-east-1' };

  it('has a throughput that was used, and is not since 20 days', async () => {
    const simulator = await start();
    seedHistory(simulator, scope);
    const client = clientOf(simulator, scope.accountId);
    const { provisionedModelSummaries: [forgotten] = [] } = await client.send(
      new ListProvisionedModelThroughputsCommand({ nameContains: 'pilot' }),
    );
    expect(forgotten).toMatchObject({ status: 'InService', modelUnits: 2 });
    const now = Date.now();
    const credentials = { accessKeyId: scope.accountId, secretAccessKey: 'local' };
    const metrics = new CloudWatchClient({ endpoint: simulator.url, region: scope.region, credentials });
    const Dimensions = [{ Name: 'ModelId', Value: forgotten?.provisionedModelArn }];
    const Metric = { Namespace: 'AWS/Bedrock', MetricName: 'Invocations', Dimensions };
    const { MetricDataResults: [result] = [] } = await metrics.send(
      new GetMetricDataCommand({
        StartTime: new Date(now - 60 * DAY),
        EndTime: new Date(now),
        MetricDataQueries: [{ Id: 'use', MetricStat: { Metric, Period: 3600, Stat: 'Sum' } }],
      }),
    );
    metrics.destroy();
    const last = result?.Timestamps?.[0]?.getTime() ?? 0;
    expect(Math.round((now - last) / DAY)).toBe(20);
  });

  it('is put in once: what a person deleted does not come back', async () => {
    const simulator = await start();
    const client = clientOf(simulator, scope.accountId);
    seedHistory(simulator, scope);
    await client.send(new DeleteProvisionedModelThroughputCommand({ provisionedModelId: 'contract-review-pilot' }));
    seedHistory(simulator, scope);
    const { provisionedModelSummaries: left } = await client.send(new ListProvisionedModelThroughputsCommand());
    expect(left?.map(({ provisionedModelName }) => provisionedModelName)).toEqual(['summarizer-live']);
  });
});
