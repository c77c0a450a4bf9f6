import { spawn, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import path from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { ENV } from '../../lib/contract.ts';
import { bundleLambdas, OTHER_CREDENTIALS, withLiteralKeys, type LambdaBundle } from '../../scripts/bundle-lambdas.ts';
import { closeAfterEach } from '../support/integration/suite.ts';
import { serve } from '../support/integration/http.ts';
import { detailOf, eventOf, newRecord } from '../support/transitions.ts';
import { emptyFolder, synthesize, variablesOf } from './support.ts';

const opened = closeAfterEach();
const MODULES = path.resolve(import.meta.dirname, '..', '..', 'node_modules');
/** Asked for by the SDK where a request is signed for several Regions; it does without where it is missing. */
const OPTIONAL = ['@aws-sdk/signature-v4-crt'];

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
    expect(start(name, stackVariables(part))).toEqual({ stdout: 'function', stderr: '' });
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

  it('stay below 430 kB, as a cold start grows with what it loads; nobody waits for the one that sweeps', () => {
    for (const { name, bytes } of bundles)
      expect(bytes).toBeLessThanOrEqual(name === 'reconcile-jobs' ? 520_000 : 430_000);
  });

  /** Lets notify-transition send a notification; answers the access key that it was signed with, and what was said. */
  const notify = async (environment: Readonly<Record<string, string>>) => {
    let accessKey: string | undefined;
    const sns = await opened(
      serve(({ headers }) => {
        accessKey = /Credential=(\w+)\//.exec(headers.authorization ?? '')?.[1];
        const body = '<PublishResponse><PublishResult><MessageId>m</MessageId></PublishResult></PublishResponse>';
        return Promise.resolve({ status: 200, headers: { 'content-type': 'text/xml' }, body });
      }),
    );
    const script = [
      `const { handler } = require(${JSON.stringify(path.join(outdir, 'notify-transition', 'index.js'))});`,
      `handler(${JSON.stringify(eventOf(detailOf(newRecord('fine-tuning-completed'))))}, {})`,
      '.catch((error) => console.error(error.message));',
    ].join('');
    const child = spawn(process.execPath, ['-e', script], {
      cwd: outdir,
      env: {
        HOME: outdir,
        AWS_REGION: 'us-west-2',
        AWS_EC2_METADATA_DISABLED: 'true',
        AWS_ENDPOINT_URL_SNS: sns.url,
        POWERTOOLS_LOG_LEVEL: 'SILENT',
        [ENV.notificationsTopic]: 'arn:aws:sns:us-west-2:111122223333:topic',
        ...environment,
      },
    });
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
    await new Promise((resolve) => child.once('close', resolve));
    return { accessKey, said };
  };

  it('lack nothing but the sources of credentials that Lambda does not use', () => {
    for (const { file } of bundles) {
      const asked = [...readFileSync(file, 'utf8').matchAll(/\brequire\("([^"]+)"\)/g)].map(([, name = '']) => name);
      const packages = new Set(asked.filter((name) => !isBuiltin(name) && !OPTIONAL.includes(name)));
      expect(OTHER_CREDENTIALS).toEqual(expect.arrayContaining([...packages]));
    }
  });

  it('sign with the credentials that Lambda sets, without any package', async () => {
    const signed = await notify({ AWS_ACCESS_KEY_ID: 'LAMBDA', AWS_SECRET_ACCESS_KEY: 'secret' });
    expect(signed).toEqual({ accessKey: 'LAMBDA', said: '' });
  });

  it("sign with a person's profile where the packages are found, as in a local run", async () => {
    mkdirSync(path.join(outdir, '.aws'), { recursive: true });
    const profile = '[mine]\naws_access_key_id = PROFILE\naws_secret_access_key = secret\n';
    writeFileSync(path.join(outdir, '.aws', 'credentials'), profile);
    const signed = await notify({ AWS_PROFILE: 'mine', NODE_PATH: MODULES });
    expect(signed).toEqual({ accessKey: 'PROFILE', said: '' });
  });

  it('name the package that is missing where neither is there', async () => {
    const { accessKey, said } = await notify({});
    expect(accessKey).toBeUndefined();
    expect(said).toContain("Cannot find module '@aws-sdk/credential-provider-ini'");
  });

  it('know the calls that the functions make, and no others of their service', () => {
    const bedrock = bundles.find(({ name }) => name === 'reconcile-jobs');
    const text = readFileSync(bedrock?.file ?? '', 'utf8');
    expect(text).toContain('/model-customization-jobs/{jobIdentifier}');
    expect(text).not.toContain('/guardrails/{guardrailIdentifier}');
  });
});

describe('the keys of a schema', () => {
  it('become literals where they are constant texts', () => {
    const schema = 'const _ht = "http";\nvar Get$ = [9, n0, _G, { [_ht]: ["GET", "/", 200] }];';
    expect(withLiteralKeys(schema)).toContain('{ ["http"]: ["GET", "/", 200] }');
  });

  it('stay as they are where they are anything else', () => {
    const schema = 'const _n = next();\nvar Get$ = [{ [_n]: 1, [_unknown]: 2 }];';
    expect(withLiteralKeys(schema)).toBe(schema);
  });
});

/** What the stack sets for a function, with a name in place of each reference to a resource. */
function stackVariables(part: string): Record<string, string> {
  const template = synthesize({ env: { account: '111122223333', region: 'us-west-2' } });
  const entries = Object.entries(variablesOf(template, part)).map(([key, value]) => [key, value.replace(/[<>]/g, '')]);
  return Object.fromEntries(entries) as Record<string, string>;
}
