import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { describePackage, itHasBothForms, itHasRightTypes } from './rules.ts';
import { compileConsumer, installPackage, succeed, writeCodeBlocks, type Installed } from './support.ts';

jest.setTimeout(180_000);

let installed: Installed;

beforeAll(async () => {
  installed = await installPackage('client', ['@types/node']);
});

afterAll(() => {
  rmSync(installed.scratch, { recursive: true, force: true });
});

describePackage(() => installed, {
  name: 'bedrock-job-tracker-client',
  ships: {
    'public modules and what they import': /^(lib|cjs)\/(contract|(client|domain)\/[\w/-]+)\.(js|d\.ts)$/,
    'the mark of CommonJS': /^cjs\/package\.json$/,
    schemas: /^schemas\/[\w.-]+\.json$/,
  },
  dependencies: ['@aws-sdk/client-dynamodb', '@aws-sdk/lib-dynamodb', 'valibot'],
});

describe('its modules', () => {
  itHasRightTypes(() => installed);
  itHasBothForms(() => installed);
});

describe('an empty project that installs it', () => {
  let files: string[] = [];
  let problems: string[] = [];
  beforeAll(() => {
    files = writeCodeBlocks(installed.consumer, 'client');
    problems = compileConsumer(installed.consumer, [...files, 'read.ts']);
  });

  it('compiles its code, the declarations of the package and the code blocks of the pages, all strictly', () => {
    expect(files.length).toBeGreaterThan(3);
    expect(problems).toEqual([]);
  });

  it('reads from an ES module and from CommonJS', async () => {
    expect(await succeed(installed.consumer, 'node', ['read.js'])).toBe('BAD_CURSOR\n');
    expect(await succeed(installed.consumer, 'node', ['read.cjs'])).toBe('BAD_CURSOR\n');
  });
});
