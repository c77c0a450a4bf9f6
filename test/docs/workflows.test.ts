import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';

const GITHUB = join(import.meta.dirname, '../../.github');
const WORKFLOWS = readdirSync(join(GITHUB, 'workflows'));
const textOf = (file: string): string => readFileSync(join(GITHUB, 'workflows', file), 'utf8');

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}
interface Workflow {
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions?: unknown;
  readonly jobs: Readonly<Record<string, { readonly permissions?: unknown; readonly steps: readonly Step[] }>>;
}
const workflow = (file: string): Workflow => parse(textOf(file)) as Workflow;
const stepsOf = (file: string): Step[] => Object.values(workflow(file).jobs).flatMap(({ steps }) => steps);

it('there is a workflow that tests what is proposed', () => {
  expect(WORKFLOWS).toContain('ci.yml');
  expect(Object.keys(workflow('ci.yml').on)).toEqual(['push', 'pull_request']);
  expect(stepsOf('ci.yml').map(({ run }) => run)).toEqual(expect.arrayContaining(['npm test', 'npm run sbom']));
});

describe.each(WORKFLOWS)('the workflow %s', (file) => {
  it('uses each action by the commit that was looked at, and says which version that is: tags can be moved', () => {
    const lines = textOf(file)
      .split('\n')
      .filter((line) => /^\s*(- )?uses:/.test(line));
    expect(lines.length).toBe(stepsOf(file).filter(({ uses }) => uses !== undefined).length);
    for (const line of lines) expect(line).toMatch(/uses: [\w.-]+\/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });

  it('may only read, in every job', () => {
    const { permissions, jobs } = workflow(file);
    expect(permissions).toEqual({ contents: 'read' });
    for (const job of Object.values(jobs))
      expect(job.permissions ?? { contents: 'read' }).toEqual({ contents: 'read' });
  });

  it('never runs what somebody proposes with rights or secrets of the project', () => {
    const events = Object.keys(workflow(file).on);
    expect(events).not.toContain('pull_request_target');
    expect(events).not.toContain('workflow_run');
    expect(textOf(file)).not.toMatch(/secrets\.|GITHUB_TOKEN|github\.token/);
    const checkouts = stepsOf(file).filter(({ uses }) => uses?.startsWith('actions/checkout@'));
    for (const step of checkouts) expect(step.with).toMatchObject({ 'persist-credentials': false });
  });

  it('puts nothing that somebody else wrote, such as a title, into a shell', () => {
    for (const { run = '' } of stepsOf(file)) expect(run).not.toContain('${{');
  });
});

it('packages and actions are both kept up to date', () => {
  const { updates } = parse(readFileSync(join(GITHUB, 'dependabot.yml'), 'utf8')) as {
    updates: { 'package-ecosystem': string }[];
  };
  expect(updates.map((update) => update['package-ecosystem'])).toEqual(['npm', 'github-actions']);
});
