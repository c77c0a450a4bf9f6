import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { defaultTemplate, emptyFolder } from './support.ts';

const installed = spawnSync('cfn-lint', ['--version']).status === 0;

describe('cfn-lint', () => {
  const title = 'finds nothing in the template: no property that CloudFormation would refuse';
  (installed ? it : it.skip)(
    installed ? title : `${title} (skipped: cfn-lint is not installed)`,
    () => {
      const file = path.join(emptyFolder(), 'template.json');
      writeFileSync(file, JSON.stringify(defaultTemplate()));
      const { status, stdout } = spawnSync('cfn-lint', [file], { encoding: 'utf8' });
      expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
    },
    60_000,
  );
});
