import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { activeJob, loadTable, plainFinishedJob } from '../../support/integration/jobs.ts';
import { startSimulatedTracker, type SimulatedTracker } from '../../support/integration/tracker.ts';

const FINISHED = 2_000;
const ACTIVE = 3;

describe(`with ${FINISHED} finished jobs and ${ACTIVE} active ones, all tracked`, () => {
  let tracker: SimulatedTracker;

  beforeAll(async () => {
    tracker = await startSimulatedTracker({ events: false });
    const jobs = [
      ...Array.from({ length: FINISHED }, (_, number) => plainFinishedJob(number)),
      ...Array.from({ length: ACTIVE }, (_, number) => activeJob(FINISHED + number)),
    ];
    tracker.simulator.load(jobs);
    await loadTable(tracker.tables, jobs);
  }, 60_000);

  afterAll(async () => {
    await tracker.close();
  });

  const forget = (): void => {
    tracker.simulator.resetCounts();
    tracker.bedrock.forget();
    tracker.dynamoDb.forget();
  };
  const jobsTableCounts = () =>
    Object.fromEntries(Object.entries(tracker.dynamoDb.counts()).filter(([name]) => name.endsWith(' jobs')));

  it('a full sweep without drift asks for each page of the list once, and for no job', async () => {
    forget();
    const [report] = await tracker.sweep('full');
    expect(report).toMatchObject({ finished: true, counts: { listed: FINISHED + ACTIVE, drifted: 0, failed: 0 } });
    console.log('full sweep:', JSON.stringify({ ...tracker.bedrock.counts(), ...tracker.dynamoDb.counts() }));
    expect(tracker.bedrock.counts()).toEqual({
      ListModelCustomizationJobs: Math.ceil((FINISHED + ACTIVE) / 1000),
    });
    expect(Object.keys(jobsTableCounts())).toEqual(['Query jobs']);
  });

  it('an idle active sweep makes 2 Bedrock calls, 1 index query and 1 read, and writes nothing to the table', async () => {
    forget();
    expect(await tracker.sweep('active')).toMatchObject([
      { sweep: 'active', finished: true, counts: { listed: ACTIVE, drifted: 0, failed: 0 } },
    ]);
    console.log('idle active sweep:', JSON.stringify({ ...tracker.bedrock.counts(), ...tracker.dynamoDb.counts() }));
    const received = Object.entries(tracker.simulator.counts().received).filter(([, count]) => count > 0);
    expect(Object.fromEntries(received)).toEqual({ ListModelCustomizationJobs: 2 });
    // The read is of the newest active job: whether an event told of its creation.
    expect(jobsTableCounts()).toEqual({ 'Query jobs': 1, 'GetItem jobs': 1 });
    const asked = tracker.bedrock.passed.map(({ path }) => new URL(path, 'http://bedrock').searchParams);
    expect(asked.map((query) => query.get('statusEquals')).sort()).toEqual(['InProgress', 'Stopping']);
  });

  it('an active sweep after one job ended looks at that job alone', async () => {
    const ended = activeJob(FINISHED, { status: 'Completed', lastModifiedTime: '2024-02-01T00:00:00.000Z' });
    tracker.simulator.load([ended]);
    forget();
    await tracker.sweep('active');
    expect(tracker.bedrock.counts()).toEqual({
      ListModelCustomizationJobs: 2,
      GetModelCustomizationJob: 1,
      ListTagsForResource: 1,
    });
    expect(jobsTableCounts()).toEqual({ 'Query jobs': 1, 'GetItem jobs': 2, 'PutItem jobs': 1 });
    expect(await tracker.record(ended.job.jobArn)).toHaveProperty('status', 'Completed');
  });
});
