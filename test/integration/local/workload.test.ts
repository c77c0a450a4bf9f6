import { describe, expect, it, jest } from '@jest/globals';
import { CreateModelCustomizationJobCommand, paginateListModelCustomizationJobs } from '@aws-sdk/client-bedrock';
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
});
