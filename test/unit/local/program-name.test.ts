import { resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { programName } from '../../../lib/local/options.ts';

const CLONE = resolve(import.meta.dirname, '../../..');

describe('the name of the command line, for commands that are printed', () => {
  it.each([
    ['./bedrock-jobs', `${CLONE}/bedrock-jobs`, {}, CLONE],
    ['./bedrock-jobs', `${CLONE}/bin/bedrock-jobs.mjs`, {}, CLONE],
    ['./bedrock-jobs', `${CLONE}/bin/bedrock-jobs.ts`, { npm_command: 'start' }, CLONE],
    ['../bedrock-jobs', `${CLONE}/bedrock-jobs`, {}, `${CLONE}/docs`],
    ["'../a clone/bedrock-jobs'", '/home/a clone/bin/bedrock-jobs.ts', {}, '/home/me'],
    ['./bedrock-jobs', `${CLONE}/node_modules/.bin/bedrock-jobs`, { npm_command: 'exec' }, CLONE],
    ['npx bedrock-job-tracker-cli', '/app/node_modules/.bin/bedrock-jobs', { npm_command: 'exec' }, '/app'],
    ['npx bedrock-job-tracker-cli', '/app/node_modules/.bin/bedrock-jobs', { npm_command: 'run-script' }, '/app'],
    ['bedrock-jobs', '/usr/local/bin/bedrock-jobs', {}, '/home/me'],
  ])('is %s for %s with %j in %s', (name, script, env, cwd) => {
    expect(programName(script, env, { platform: 'linux', cwd })).toBe(name);
  });

  it('is run by npx in a clone on Windows, which has no links', () => {
    const script = `${CLONE}/bin/bedrock-jobs.ts`;
    expect(programName(script, {}, { platform: 'win32', cwd: CLONE })).toBe('npx bedrock-jobs');
  });
});
