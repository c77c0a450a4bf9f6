import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import path from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { ENV } from '../../lib/contract.ts';
import { bundleLambdas, type LambdaBundle } from '../../scripts/bundle-lambdas.ts';
import { OTHER_CREDENTIALS, withLiteralKeys } from '../../scripts/bundle/sdk.ts';
import { closeAfterEach } from '../support/integration/cleanup.ts';
import { serve } from '../support/integration/http.ts';
import { detailOf, newRecord } from '../support/transition-details.ts';
import { eventOf } from '../support/transition-events.ts';
import { emptyFolder } from './support.ts';

const opened = closeAfterEach();
const MODULES = path.resolve(import.meta.dirname, '..', '..', 'node_modules');
/** Asked for by the SDK where a request is signed for several Regions; it does without where it is missing. */
const OPTIONAL = ['@aws-sdk/signature-v4-crt'];

describe("the SDK in the functions' bundles", () => {
  // No node_modules is above this folder.
  const outdir = emptyFolder();
  let bundles: LambdaBundle[] = [];

  beforeAll(async () => {
    bundles = await bundleLambdas(outdir);
  }, 60_000);

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
