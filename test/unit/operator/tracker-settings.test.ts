import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { mockClient } from 'aws-sdk-client-mock';
import { DEFAULT_SCHEDULES, parseSettings, readSettings } from '../../../lib/operator/tracker-settings.ts';
import { trackerSettings } from '../../support/tracker-settings.ts';

const NAME = '/bedrock-job-tracker/settings';
const SETTINGS = trackerSettings({ activeSweepMinutes: 30, fullSweepMinutes: 2880, tagRefreshDays: 7 });
const SCHEDULES = { activeSweepMinutes: 30, fullSweepMinutes: 2880, tagRefreshDays: 7 };

describe('the value of the parameter', () => {
  it('gives the schedules and the names', () => {
    const found = parseSettings(JSON.stringify(SETTINGS), NAME);
    expect(found).toMatchObject({ schedules: SCHEDULES, settings: SETTINGS });
    expect(found).not.toHaveProperty('problem');
  });

  it('may say more than this version knows', () => {
    expect(parseSettings(JSON.stringify({ ...SETTINGS, added: { deep: [1] } }), NAME)).toMatchObject({
      schedules: SCHEDULES,
    });
  });

  it.each<[string, string, string]>([
    ['not JSON', 'five minutes', 'it is not a JSON object'],
    ['another JSON value', '"5"', 'it is not a JSON object'],
    ['a list', '[]', 'version is missing or wrong'],
    ['a schedule that is text', JSON.stringify({ ...SETTINGS, activeSweepMinutes: '30' }), 'activeSweepMinutes'],
    ['a schedule of no time', JSON.stringify({ ...SETTINGS, activeSweepMinutes: 0 }), 'activeSweepMinutes'],
    ['a schedule without end', '{"version":"1","stackName":"s","activeSweepMinutes":1e999}', 'activeSweepMinutes'],
    [
      'a name that is an object',
      JSON.stringify({ ...SETTINGS, functionNames: { trackJob: {} } }),
      'functionNames.trackJob',
    ],
    ['a name without end', JSON.stringify({ ...SETTINGS, stackName: 'x'.repeat(5000) }), 'stackName'],
    ['a runbook that is code', JSON.stringify({ ...SETTINGS, runbookUrl: 'javascript:alert(1)' }), 'runbookUrl'],
    [
      'a runbook of two lines',
      JSON.stringify({ ...SETTINGS, runbookUrl: 'https://a.example/\n\u001b[2J' }),
      'runbookUrl',
    ],
    ['a prototype', '{"__proto__":{"activeSweepMinutes":1}}', 'version'],
  ])('that is %s gives the defaults and a sentence', (_, value, why) => {
    const { schedules, settings, problem } = parseSettings(value, NAME);
    expect([schedules, settings]).toEqual([DEFAULT_SCHEDULES, undefined]);
    expect(problem).toContain(`The SSM parameter ${NAME} does not hold a tracker's settings (${why}`);
    expect(problem).toMatch(/Deploy the tracker again/);
  });
});

describe('reading the parameter', () => {
  const ssm = mockClient(SSMClient);
  beforeEach(() => {
    ssm.reset();
  });
  const failing = (name: string, message = '') =>
    ssm.on(GetParameterCommand).rejects(Object.assign(new Error(message), { name, $metadata: {} }));
  const read = () => readSettings(new SSMClient({}), NAME);

  it('asks for it by name', async () => {
    ssm.on(GetParameterCommand, { Name: NAME }).resolves({ Parameter: { Value: JSON.stringify(SETTINGS) } });
    expect(await read()).toMatchObject({ schedules: SCHEDULES });
  });

  it('of a stack that publishes none gives the defaults in silence', async () => {
    failing('ParameterNotFound');
    expect(await read()).toEqual({ schedules: DEFAULT_SCHEDULES });
  });

  it('without permission gives the defaults and says which permission', async () => {
    failing('AccessDeniedException', `User: x is not authorized to perform: ssm:GetParameter on resource: ${NAME}`);
    expect(await read()).toEqual({
      schedules: DEFAULT_SCHEDULES,
      problem: expect.stringMatching(
        /the default schedules are assumed: You may not use ssm:GetParameter on \S+settings\. https:\S+\/docs\/permissions\.md/,
      ) as unknown,
    });
  });
});
