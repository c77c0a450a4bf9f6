import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { Template } from 'aws-cdk-lib/assertions';
import { AccountPrincipal } from 'aws-cdk-lib/aws-iam';
import { BedrockJobTrackerSpoke } from '../../lib/infra/hub/spoke.ts';
import {
  defaultTemplate,
  emptyFolder,
  fullTemplate,
  makeApp,
  makeStack,
  toTemplate,
  type CfnTemplate,
} from './support.ts';

const sharingTemplate = (): CfnTemplate => {
  const env = { account: '111122223333', region: 'us-east-1' };
  const stack = makeStack({ env, encryptionKeyArn: 'arn:aws:kms:us-east-1:111122223333:key/1111-2222' });
  for (const account of ['444455556666', '777788889999']) stack.tracker.grantReadJobs(new AccountPrincipal(account));
  return toTemplate(Template.fromStack(stack));
};

const installed = spawnSync('cfn-lint', ['--version']).status === 0;

describe('cfn-lint', () => {
  const title = 'finds nothing in %s: no property that CloudFormation would refuse';
  (installed ? it : it.skip).each([
    ['the template as it comes', defaultTemplate],
    ['the template with everything that props can add', fullTemplate],
    ['the template with readers in other accounts', sharingTemplate],
    ["the spoke's template", () => toTemplate(Template.fromStack(new BedrockJobTrackerSpoke(makeApp())))],
  ])(
    installed ? title : `${title} (skipped: cfn-lint is not installed)`,
    (_which, template) => {
      const file = path.join(emptyFolder(), 'template.json');
      writeFileSync(file, JSON.stringify(template()));
      const { status, stdout } = spawnSync('cfn-lint', [file], { encoding: 'utf8' });
      expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
    },
    60_000,
  );
});
