import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { ENV } from '../../lib/contract.ts';
import { bundleLambdas, type LambdaBundle } from '../../scripts/bundle-lambdas.ts';
import { emptyFolder, readable, resourceOf, synthesize } from './support.ts';

const NAMES = ['notify-transition', 'publish-transitions', 'reconcile-jobs', 'track-job'];

describe('the bundled functions', () => {
  const outdir = emptyFolder();
  let bundles: LambdaBundle[] = [];
  const read = (name: string, file: string): string => readFileSync(path.join(outdir, name, file), 'utf8');

  const start = (name: string, env: Record<string, string>) => {
    const script = `process.stdout.write(typeof require(${JSON.stringify(path.join(outdir, name, 'index.js'))}).handler)`;
    const { stdout, stderr } = spawnSync(process.execPath, ['-e', script], {
      // No node_modules is above this folder.
      cwd: outdir,
      env: { AWS_REGION: 'us-west-2', ...env },
      encoding: 'utf8',
    });
    return { stdout, stderr };
  };

  beforeAll(async () => {
    bundles = await bundleLambdas(outdir);
  }, 60_000);

  it('are one for each folder under lambdas, each a file and its source map', () => {
    expect(bundles.map(({ name }) => name)).toEqual(NAMES);
    for (const name of NAMES) expect(readdirSync(path.join(outdir, name)).sort()).toEqual(['index.js', 'index.js.map']);
  });

  it.each([
    ['track-job', 'TrackJob'],
    ['reconcile-jobs', 'ReconcileJobs'],
  ])('%s starts with its bundle and the variables of the stack alone, as in Lambda', (name, part) => {
    expect(start(name, variablesOf(part))).toEqual({ stdout: 'function', stderr: '' });
  });

  it.each([
    ['publish-transitions', { [ENV.transitionsBus]: 'arn:aws:events:us-west-2:111122223333:event-bus/default' }],
    ['notify-transition', { [ENV.notificationsTopic]: 'arn:aws:sns:us-west-2:111122223333:topic' }],
  ])('%s starts with its bundle and its one variable', (name, env) => {
    expect(start(name, env)).toEqual({ stdout: 'function', stderr: '' });
  });

  it('are read as CommonJS where they lie, though this package is "type": "module"', () => {
    expect(JSON.parse(readFileSync(path.join(outdir, 'package.json'), 'utf8'))).toEqual({ type: 'commonjs' });
  });

  it('map to source lines without carrying the sources', () => {
    for (const name of NAMES) {
      expect(read(name, 'index.js')).toContain('//# sourceMappingURL=index.js.map');
      expect(JSON.parse(read(name, 'index.js.map'))).not.toHaveProperty('sourcesContent');
    }
  });

  /** The stack of the error by which notify-transition refuses an event that is none. */
  const stackOf = (folder: string): string => {
    const script = `require(${JSON.stringify(path.join(folder, 'index.js'))}).handler({}, {}).catch((error) => process.stdout.write(error.stack))`;
    const env = { AWS_REGION: 'us-west-2', [ENV.notificationsTopic]: 'arn:aws:sns:us-west-2:111122223333:topic' };
    return spawnSync(process.execPath, ['-e', script], { cwd: outdir, env, encoding: 'utf8' }).stdout;
  };

  it('name lines of the sources in stack traces, without a flag of Node.js', () => {
    const sources = readFileSync(path.join(import.meta.dirname, '../../lib/client/transition-event.ts'), 'utf8');
    const [, line = '0'] = /transition-event\.ts:(\d+):\d+/.exec(stackOf(path.join(outdir, 'notify-transition'))) ?? [];
    expect(sources.split('\n')[Number(line) - 1]).toContain('throw new TrackerError');
  });

  it('tell where an error came from without their source map too', () => {
    const folder = path.join(outdir, 'notify-transition', 'alone');
    mkdirSync(folder);
    copyFileSync(path.join(outdir, 'notify-transition', 'index.js'), path.join(folder, 'index.js'));
    const stack = stackOf(folder);
    rmSync(folder, { recursive: true });
    expect(stack).toMatch(/^TrackerError: Not an event .*\n {4}at .*alone\/index\.js:\d+:\d+\)/);
  });

  it('come out the same from the same sources, so that a deployment without a change uploads nothing', async () => {
    const before = NAMES.map((name) => read(name, 'index.js') + read(name, 'index.js.map'));
    await bundleLambdas(outdir);
    expect(NAMES.map((name) => read(name, 'index.js') + read(name, 'index.js.map'))).toEqual(before);
  }, 60_000);

  it('stay below 430 kB, as a cold start grows with what it loads', () => {
    for (const { bytes } of bundles) expect(bytes).toBeLessThanOrEqual(430_000);
  });
});

/** What the stack sets for a function, with a name in place of each reference to a resource. */
function variablesOf(part: string): Record<string, string> {
  const template = synthesize({ env: { account: '111122223333', region: 'us-west-2' } });
  const { Environment } = resourceOf(template, 'AWS::Lambda::Function', part).Properties as {
    Environment: { Variables: Record<string, unknown> };
  };
  const entries = Object.entries(Environment.Variables).map(([key, value]) => [
    key,
    readable(value).replace(/[<>]/g, ''),
  ]);
  return Object.fromEntries(entries) as Record<string, string>;
}
