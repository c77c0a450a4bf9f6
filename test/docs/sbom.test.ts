import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { type Component, isAllowed, licenceProblems, makeSbom, type Sbom } from '../../scripts/sbom/document.ts';

const MANIFEST = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8')) as Record<
  'dependencies' | 'optionalDependencies' | 'devDependencies',
  Readonly<Record<string, string>>
>;

describe('the software bill of materials: npm run sbom', () => {
  let sbom: Sbom;
  beforeAll(async () => {
    sbom = await makeSbom();
  }, 60_000);
  const listed = (): string[] => sbom.components.map(({ name, version }) => `${name} ${version}`);

  it('is CycloneDX about this package, each component once', () => {
    expect(sbom).toMatchObject({ bomFormat: 'CycloneDX', specVersion: expect.stringMatching(/^1\.\d$/) as unknown });
    expect(sbom.metadata.component).toMatchObject({ name: 'bedrock-job-tracker' });
    const refs = sbom.components.map((component) => component['bom-ref']);
    expect(new Set(refs).size).toBe(refs.length);
  });

  it('has every package that runs, in the version that the manifest pins', () => {
    const running = { ...MANIFEST.dependencies, ...MANIFEST.optionalDependencies };
    const missing = Object.entries(running).filter(([name, version]) => !listed().includes(`${name} ${version}`));
    expect(missing).toEqual([]);
  });

  it('has what is built into the dashboard, and nothing else of what is for development', () => {
    const names = sbom.components.map(({ name }) => name);
    const direct = Object.keys(MANIFEST.devDependencies).filter((name) => names.includes(name));
    // hyparquet-writer and the client of CloudWatch, which run, depend on hyparquet and fflate.
    expect(direct.sort()).toEqual(['fflate', 'hyparquet', 'preact', 'preact-iso', 'uplot']);
  });

  it('has a licence of each package that can be handed on', () => {
    expect(licenceProblems(sbom.components)).toEqual([]);
  });
});

describe('a licence', () => {
  it.each(['MIT', 'Apache-2.0', '(MIT OR GPL-3.0-or-later)', 'ISC AND MIT', '(Apache-2.0 AND MIT) OR LGPL-3.0'])(
    '%s can be handed on',
    (expression) => {
      expect(isAllowed(expression)).toBe(true);
    },
  );

  it.each([
    'GPL-3.0-only',
    'AGPL-3.0',
    'MIT AND GPL-2.0',
    'BUSL-1.1',
    'SSPL-1.0',
    'UNLICENSED',
    'SEE LICENSE IN X',
    '',
  ])('"%s" cannot', (expression) => {
    expect(isAllowed(expression)).toBe(false);
  });

  it('that is none of those, or is not named, ends the run with a sentence', () => {
    const component = (name: string, ...licenses: NonNullable<Component['licenses']>): Component => ({
      'bom-ref': name,
      name,
      version: '1.0.0',
      ...(licenses.length > 0 && { licenses }),
    });
    const problems = licenceProblems([
      component('fine', { license: { id: 'MIT' } }),
      component('copyleft', { license: { id: 'GPL-3.0-only' } }),
      component('both', { expression: 'MIT AND AGPL-3.0' }),
      component('silent'),
    ]);
    expect(problems.map((problem) => problem.split(' ')[0])).toEqual(['copyleft', 'both', 'silent']);
  });
});
