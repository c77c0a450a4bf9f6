import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';

const ROOT = join(import.meta.dirname, '../..');
const GITHUB = join(ROOT, '.github');
const WORKFLOWS = readdirSync(join(GITHUB, 'workflows'));
const textOf = (file: string): string => readFileSync(join(GITHUB, 'workflows', file), 'utf8');

/** The rights of jobs that need more than reading. They get files and run nothing of the project. */
const RIGHTS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'release.yml attest': { attestations: 'write', contents: 'read', 'id-token': 'write' },
  'release.yml npm': { 'id-token': 'write' },
  'release.yml pypi': { 'id-token': 'write' },
  'release.yml github': { contents: 'write' },
};

interface Step {
  readonly name?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}
interface Job {
  readonly needs?: unknown;
  readonly permissions?: unknown;
  readonly steps: readonly Step[];
}
interface Workflow {
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions?: unknown;
  readonly jobs: Readonly<Record<string, Job>>;
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

  it('may only read, but for jobs that need a right and run nothing of the project', () => {
    const { permissions, jobs } = workflow(file);
    expect(permissions).toEqual({ contents: 'read' });
    for (const [name, job] of Object.entries(jobs)) {
      const rights = RIGHTS[`${file} ${name}`];
      expect(job.permissions).toEqual(rights);
      const used = JSON.stringify(job.steps);
      if (rights !== undefined) expect(used).not.toMatch(/actions\/checkout@|npm (ci|install|run|test)|npx/);
    }
  });

  it('never runs what somebody proposes with rights or secrets of the project', () => {
    const events = Object.keys(workflow(file).on);
    expect(events).not.toContain('pull_request_target');
    expect(events).not.toContain('workflow_run');
    expect(textOf(file)).not.toMatch(/secrets\.|GITHUB_TOKEN/);
    // The release's token is of the job that may write, and a tag is set by somebody who may write too.
    const token = textOf(file).split('github.token').length - 1;
    expect([token, events]).toEqual(file === 'release.yml' ? [1, ['push']] : [0, events]);
    const checkouts = stepsOf(file).filter(({ uses }) => uses?.startsWith('actions/checkout@'));
    for (const step of checkouts) expect(step.with).toMatchObject({ 'persist-credentials': false });
  });

  it('puts nothing that somebody else wrote, such as a title, into a shell', () => {
    for (const { run = '' } of stepsOf(file)) expect(run).not.toContain('${{');
  });
});

describe('the release workflow', () => {
  const { on, jobs } = workflow('release.yml');
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };

  it('starts by a tag of a version alone', () => {
    expect(on).toEqual({ push: { tags: ['v*'] } });
  });

  it('tests, builds and attests before it publishes, and the GitHub release comes last', () => {
    const order = Object.entries(jobs).map(([name, { needs }]) => [name, needs]);
    expect(order).toEqual([
      ['build', undefined],
      ['attest', 'build'],
      ['npm', 'attest'],
      ['pypi', 'attest'],
      ['github', ['npm', 'pypi']],
    ]);
    const commands = jobs['build']?.steps.flatMap(({ run = [] }) => run) ?? [];
    expect(commands.slice(1)).toEqual(['.ci/run']);
    expect(readFileSync(join(ROOT, '.ci/run'), 'utf8')).toContain(
      'npm run --silent release\nexport RELEASE_FOLDER=dist/release',
    );
  });

  it.each([
    [`v${version}`, /^$|no section/],
    ['v99.0.0', /The tag is v99\.0\.0, but the version in package\.json is [\d.]+\. Tag v[\d.]+ instead\./],
  ])('checks that the tag %s names the version', (tag, said) => {
    const check = jobs['build']?.steps.find(({ name }) => name === 'The tag names the version')?.run ?? '';
    const { stdout } = spawnSync('bash', ['-e', '-c', check], {
      cwd: ROOT,
      env: { ...process.env, GITHUB_REF_NAME: tag },
      encoding: 'utf8',
    });
    expect(stdout.trim()).toMatch(said);
  });
});

it('packages and actions are both kept up to date', () => {
  const { updates } = parse(readFileSync(join(GITHUB, 'dependabot.yml'), 'utf8')) as {
    updates: { 'package-ecosystem': string }[];
  };
  expect(updates.map((update) => update['package-ecosystem'])).toEqual(['npm', 'github-actions']);
});
