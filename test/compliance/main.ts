/**
 * Runs checkov over the templates, and holds its findings to the table of docs/security.md. Its policies come with the
 * package, so it asks nobody. Needs Python 3.10 or later; without it, says so and skips.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { App } from 'aws-cdk-lib';
import { BedrockJobTrackerSpoke } from '../../lib/infra/hub/spoke.ts';
import { synthesize } from '../../scripts/docs/template.ts';
import { CHECKOV, ensureVenv, findPython } from '../../scripts/python.ts';
import { differencesOf, isCheckov, readRows, VARIANTS } from './rules.ts';

interface Report {
  readonly results: {
    readonly failed_checks: readonly { readonly check_id: string; readonly file_path: string }[];
  };
  readonly summary: { readonly parsing_errors: number; readonly passed: number };
}

const spokeTemplate = (outdir: string): unknown => {
  const app = new App({ outdir });
  const spoke = new BedrockJobTrackerSpoke(app);
  return app.synth().getStackArtifact(spoke.artifactId).template;
};

/** What checkov finds in each template, by its name. */
const look = (python: string, templates: Readonly<Record<string, unknown>>): Record<string, string[]> => {
  const folder = mkdtempSync(path.join(tmpdir(), 'bedrock-job-tracker-checkov-'));
  try {
    for (const [name, template] of Object.entries(templates)) {
      writeFileSync(path.join(folder, `${name}.json`), JSON.stringify(template));
    }
    const flags = ['--framework', 'cloudformation', '--skip-download', '--quiet', '--compact', '--output', 'json'];
    const { stdout, stderr } = spawnSync(python, ['-m', 'checkov.main', '--directory', folder, ...flags], {
      encoding: 'utf8',
      maxBuffer: 2 ** 26,
      env: { PATH: process.env['PATH'], HOME: folder, PYTHONDONTWRITEBYTECODE: '1' },
    });
    if (!stdout.trim().startsWith('{')) throw new Error(`checkov says: ${stdout}\n${stderr}`);
    const { results, summary } = JSON.parse(stdout) as Report;
    if (summary.parsing_errors > 0 || summary.passed === 0) throw new Error(`checkov could not look: ${stdout}`);
    return Object.fromEntries(
      Object.keys(templates).map((name) => [
        name,
        results.failed_checks.filter((each) => each.file_path === `/${name}.json`).map((each) => each.check_id),
      ]),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

const base = findPython();
if (base === undefined) {
  console.log('Skipped: checkov needs Python 3.10 or later with venv. Install it, and run this again.');
} else {
  const python = await ensureVenv(base, CHECKOV, console.log);
  const outdir = mkdtempSync(path.join(tmpdir(), 'bedrock-job-tracker-spoke-'));
  const templates = Object.entries(VARIANTS).map(([name, props]) => [name, synthesize(props)]);
  const found = look(
    python,
    Object.fromEntries([...templates, ['spoke', spokeTemplate(outdir)]]) as Record<string, unknown>,
  );
  rmSync(outdir, { recursive: true, force: true });
  const rows = readRows()
    .map(({ rules, prop }) => ({ prop, rules: rules.filter(isCheckov) }))
    .filter(({ rules }) => rules.length > 0);
  const differences = differencesOf(found, rows);
  for (const difference of differences) console.log(`FAILED ${difference}`);
  const rules = rows.flatMap((row) => row.rules);
  console.log(`${rules.length} checks of checkov are answered in docs/security.md.`);
  console.log(`${differences.length === 0 ? rules.length : 0} passed, ${differences.length} failed`);
  if (differences.length > 0) process.exitCode = 1;
}
