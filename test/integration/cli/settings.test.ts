import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, it } from '@jest/globals';
import { closeAfterEach } from '../../support/integration/suite.ts';
import { type CommandLine, serveParameters, startCommandLine } from '../../support/integration/command.ts';
import { trackerSettings } from '../../support/tracker-settings.ts';
import { VERSION } from '../../../lib/contract.ts';
import { MINUTE } from '../../../lib/domain/time.ts';

const SCOPE = '123456789012#us-east-1';
const opened = closeAfterEach();

/** The command line for a tracker whose stack published this value. */
const start = async (settings: string | undefined): Promise<CommandLine> => {
  const ssm = await opened(serveParameters({ 'watched-queue-urls': '', ...(settings !== undefined && { settings }) }));
  return opened(startCommandLine({}, { AWS_ENDPOINT_URL_SSM: ssm.url }));
};
const published = (change: Parameters<typeof trackerSettings>[0] = {}) => JSON.stringify(trackerSettings(change));

describe('the settings that the stack publishes', () => {
  const problemsWhenSwept = async (settings: string | undefined, minutesAgo: number): Promise<unknown> => {
    const line = await start(settings);
    const succeeded_at = new Date(Date.now() - minutesAgo * MINUTE).toISOString();
    for (const sweep of ['active', 'full']) {
      const Item = { scope: SCOPE, sweep, succeeded_at, finished_at: succeeded_at };
      await line.tables.client.send(new PutCommand({ TableName: line.tables.sweepsTable, Item }));
    }
    const { stdout } = await line.run('status', '--json');
    return (JSON.parse(stdout) as { problems: unknown }).problems;
  };

  it('decide whether `status` calls a sweep overdue', async () => {
    expect(await problemsWhenSwept(published({ activeSweepMinutes: 30 }), 80)).toEqual([]);
    expect(await problemsWhenSwept(published({ activeSweepMinutes: 30 }), 100)).toHaveLength(1);
    expect(await problemsWhenSwept(published(), 80)).toHaveLength(1);
  });

  it('are the defaults where an older stack publishes none', async () => {
    expect(await problemsWhenSwept(undefined, 14)).toEqual([]);
    expect(await problemsWhenSwept(undefined, 16)).toHaveLength(1);
  });

  it('are a problem where they cannot be read', async () => {
    expect(await problemsWhenSwept('\u001b[31mnot JSON', 1)).toEqual([
      expect.stringMatching(/^The SSM parameter \S+\/settings does not hold a tracker's settings/),
    ]);
  });

  it.each([
    [published(), 'it was deployed with models=false. Deploy it without (docs/models.md).'],
    [published({ version: '0.1.0' }), `its version is 0.1.0. Deploy version ${VERSION}.`],
    [undefined, `its version is unknown. Deploy version ${VERSION}.`],
  ])('tell why there is no models table', async (settings, why) => {
    const { code, stderr } = await (await start(settings)).run('models');
    expect([code, stderr]).toEqual([1, `The tracker has no models table: ${why}\n`]);
  });
});
