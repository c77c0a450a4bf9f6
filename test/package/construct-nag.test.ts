/** cdk-nag 2 is not a package of the project's own: it looks at the constructs on the CDKs that it is used with. */
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it, jest } from '@jest/globals';
import { ensureCdk } from '../../scripts/package/construct-languages.ts';
import { installPackages, LAMBDAS, linkPackages, ROOT, succeed } from './support.ts';

jest.setTimeout(180_000);

const scratch = mkdtempSync(path.join(tmpdir(), 'bedrock-job-tracker-nag-'));
afterAll(() => {
  rmSync(scratch, { recursive: true, force: true });
});

/** Prints what cdk-nag 2 says about trackers as they come and with everything, and about a careless queue beside them. */
const APP = `
import { App, Aspects, Stack } from 'aws-cdk-lib';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag';
import { BedrockJobTrackerSpoke } from './lib/infra/hub/spoke.ts';
import { BedrockJobTrackerStack } from './lib/infra/stack.ts';

const app = new App();
for (const pack of [new AwsSolutionsChecks(), new ServerlessChecks()]) Aspects.of(app).add(pack);
const _codeDirectory = './lambdas';
new BedrockJobTrackerStack(app, 'Default', { _codeDirectory });
new BedrockJobTrackerStack(app, 'Full', {
  _codeDirectory,
  env: { account: '111122223333', region: 'us-east-1' },
  scopes: [{ accounts: ['111122223333', '444455556666'], regions: ['us-east-1', 'us-west-2'] }],
  spokeExternalId: 'bedrock-7f3a',
  notifications: { emails: ['ml-team@example.com'] },
  pointInTimeRecovery: false,
  tracing: true,
  encryptionKeyArn: 'arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab',
  vpcId: 'vpc-0a1b2c3d',
  subnetIds: ['subnet-0a1b2c3d'],
  memorySize: 1024,
  reservedConcurrentExecutions: 10,
  functions: { reconcileJobs: { memorySize: 2048 } },
  logGroupName: '/acme/trackers',
  tableName: 'acme-jobs',
  schedulesEnabled: false,
  alarmThresholds: { eventsLost: { threshold: 5, periods: 2 } },
});
new BedrockJobTrackerSpoke(app);
new Queue(new Stack(app, 'Careless'), 'Queue');
const found = app.synth().stacks.map(({ stackName, messages }) => [
  stackName,
  messages.filter(({ level }) => level !== 'info').map(({ entry }) => String(entry.data).split(':')[0]).sort(),
]);
console.log(JSON.stringify(Object.fromEntries(found)));
`;

describe('cdk-nag 2', () => {
  const OLDER_CDK = { 'aws-cdk-lib': '2.224.0', constructs: '10.4.2' };
  it.each([
    ['an older CDK', '2.37.55', async () => path.dirname(await ensureCdk(OLDER_CDK))],
    ["the project's CDK", '2.38.2', () => Promise.resolve(ROOT)],
  ])('on %s finds nothing that the constructs do not argue for', async (_which, nag, withCdk) => {
    const folder = path.join(scratch, nag);
    mkdirSync(folder);
    writeFileSync(path.join(folder, 'package.json'), '{"private":true,"type":"module"}');
    writeFileSync(path.join(folder, 'app.ts'), APP);
    cpSync(path.join(ROOT, 'lib'), path.join(folder, 'lib'), { recursive: true });
    for (const name of LAMBDAS) {
      mkdirSync(path.join(folder, 'lambdas', name), { recursive: true });
      writeFileSync(path.join(folder, 'lambdas', name, 'index.js'), '');
    }
    await installPackages(folder, [`cdk-nag@${nag}`, '--legacy-peer-deps']);
    linkPackages(folder, ['aws-cdk-lib', 'constructs'], await withCdk());
    const found = JSON.parse(await succeed(folder, process.execPath, ['app.ts'])) as unknown;
    expect(found).toEqual({
      Default: [],
      Full: [],
      BedrockJobTrackerSpoke: [],
      Careless: ['AwsSolutions-SQS3', 'AwsSolutions-SQS4', 'Serverless-SQSRedrivePolicy'],
    });
  });
});
