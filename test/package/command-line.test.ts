import { rmSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { describePackage } from './rules.ts';
import { addByPnpm, installPackage, startCommand, succeed, type Installed } from './support.ts';

jest.setTimeout(180_000);

let installed: Installed;

beforeAll(async () => {
  installed = await installPackage('cli');
});

afterAll(() => {
  rmSync(installed.scratch, { recursive: true, force: true });
});

describePackage(() => installed, {
  name: 'bedrock-job-tracker-cli',
  ships: {
    'the command line': /^bin\/bedrock-jobs(\/[\w-]+)?\.js$/,
    'the dashboard': /^dist\/dashboard\/(index\.html|favicon\.svg|assets\/[\w-]+\.(js|css))$/,
  },
  dependencies: ['abstract-level', 'classic-level', 'dynalite'],
  bundles: [
    '@middy/core',
    '@aws-sdk/client-bedrock',
    '@aws-sdk/credential-provider-sso',
    'commander',
    'preact',
    'uplot',
  ],
});

describe('an empty project that installs it', () => {
  it('has the command bedrock-jobs', async () => {
    const help = await succeed(installed.consumer, 'npx', ['--no', '--', 'bedrock-job-tracker-cli', '--help']);
    expect(help).toContain('Usage: npx bedrock-job-tracker-cli');
  });

  it('tracks simulated jobs: bedrock-jobs local', async () => {
    const local = startCommand(installed.consumer, path.join(installed.folder, 'bin', 'bedrock-jobs.js'), [
      ...['local', '--port', '0', '--dynamodb-port', '0', '--bedrock-port', '0', '--data-dir', 'data'],
      // Sweeps alone find the jobs, so both functions' code has to run on this Node.js.
      ...['--no-events', '--sweep-every', '1', '--speed', '2000'],
    ]);
    try {
      expect(await local.line(/InProgress → Completed|→ Failed| failed:/)).not.toMatch(/ failed:/);
      // The dashboard is built and found.
      const [page = ''] = /http:\S+/.exec(await local.line(/Dashboard/)) ?? [];
      expect(await (await fetch(page)).text()).toContain('<div id="app">');
    } finally {
      expect(await local.stop()).toBe(0);
    }
  });

  it('is installed by pnpm as the page of the package says', async () => {
    const { code, stdout, stderr } = await addByPnpm(installed, '--allow-build=classic-level');
    expect([code, code === 0 ? '' : stdout + stderr]).toEqual([0, '']);
    const folder = path.join(installed.scratch, 'consumer-with-pnpm');
    expect(await succeed(folder, path.join(folder, 'node_modules', '.bin', 'bedrock-jobs'), ['--help'])).toContain(
      'Usage:',
    );
  });
});
