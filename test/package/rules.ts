import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { filesBelow, readJson, ROOT, runTool, succeed, type Installed } from './support.ts';

/** What one package is to be. */
export interface Expected {
  readonly name: string;
  /** Everything that may ship besides what each package has, and nothing of it may be missing. */
  readonly ships: Readonly<Record<string, RegExp>>;
  /** One more is a decision: docs/adr/0037-three-packages.md. */
  readonly dependencies: readonly string[];
  readonly peers?: readonly string[];
  /** Some of the packages inside its bundles. */
  readonly bundles?: readonly string[];
}

const ALWAYS = {
  'the manifest': /^package\.json$/,
  'a page for people': /^README\.md$/,
  'the licence': /^LICENSE$/,
  'what it is made of': /^sbom\.cdx\.json$/,
};

/** The rules that each package keeps. */
export const describePackage = (of: () => Installed, expected: Expected): void => {
  const bundles = expected.bundles ?? [];
  const textOf = (file: string): string => readFileSync(path.join(of().folder, file), 'utf8');
  /** Of the packages inside the bundles. */
  const notices = (): string => (bundles.length > 0 ? textOf('THIRD-PARTY-NOTICES.txt') : '');

  describe('the tarball', () => {
    it('has the files that belong there and no other: no test, no source, no map of one', () => {
      const licences = bundles.length > 0 && { 'licences of bundled packages': /^THIRD-PARTY-NOTICES\.txt$/ };
      const ships: Readonly<Record<string, RegExp>> = { ...ALWAYS, ...licences, ...expected.ships };
      const files = filesBelow(of().folder);
      expect(files.filter((file) => !Object.values(ships).some((pattern) => pattern.test(file)))).toEqual([]);
      expect(Object.keys(ships).filter((name) => !files.some((file) => ships[name]?.test(file)))).toEqual([]);
    });

    it('says nothing of the machine that made it, and holds no secret', () => {
      const texts = filesBelow(of().folder).map((file) => [file, textOf(file)] as const);
      const found = (what: string | RegExp) =>
        texts
          .filter(([, text]) => (typeof what === 'string' ? text.includes(what) : what.test(text)))
          .map(([file]) => file);
      for (const folder of [ROOT, homedir(), of().scratch, realpathSync(ROOT)].filter((each) => each.length > 5)) {
        expect([folder, found(folder)]).toEqual([folder, []]);
      }
      expect(found(/\/(?:home|Users)\/\w+\/|[A-Z]:\\\\Users\\\\/)).toEqual([]);
      expect(found(/-----BEGIN [A-Z ]*PRIVATE KEY-----|\bgh[pousr]_\w{36}|\bnpm_\w{36}/)).toEqual([]);
      // Those of AWS's documents end in EXAMPLE, as ours do.
      expect(found(/\b(?:AKIA|ASIA)(?!\w*EXAMPLE)[A-Z0-9]{16}\b/)).toEqual([]);
    });

    it('has maps that name their sources from where they lie, and no test among them', () => {
      for (const map of filesBelow(of().folder).filter((file) => file.endsWith('.map'))) {
        const { sources, sourceRoot = '' } = readJson(path.join(of().folder, map)) as {
          sources: string[];
          sourceRoot?: string;
        };
        const elsewhere = sources.filter((source) => path.isAbsolute(source) || /^\w+:/.test(source));
        expect([map, sourceRoot, elsewhere]).toEqual([map, '', []]);
        expect(sources.filter((source) => /(^|\/)(test|\.env|\.git|\.cache|\.local)(\/|$)/.test(source))).toEqual([]);
      }
    });

    it('has every package of its bundles, and those that it brings along, in its bill of materials', () => {
      const { components, metadata } = readJson(path.join(of().folder, 'sbom.cdx.json')) as {
        components: { name: string; version: string }[];
        metadata: { component: { name: string } };
      };
      expect(metadata.component.name).toBe(expected.name);
      const listed = components.map(({ name, version }) => `${name} ${version}`);
      const bundled = [...notices().matchAll(/^(@?[\w./-]+ \d+\.\d+\.\d+\S*) \(/gm)].map(([, name = '']) => name);
      expect(bundled.filter((name) => !listed.includes(name))).toEqual([]);
      const names = components.map(({ name }) => name);
      expect(expected.dependencies.filter((name) => !names.includes(name))).toEqual([]);
    });

    it('names no TypeScript file: nobody who installs it has one', () => {
      const modules = filesBelow(of().folder).filter((file) => /^(lib|cjs)\//.test(file) && !file.endsWith('.json'));
      expect(modules.filter((file) => /['"]\.[^'"\n]*\.ts['"]/.test(textOf(file)))).toEqual([]);
    });

    it('can be published, and brings no more packages along than these', () => {
      const { manifest } = of();
      expect(manifest).toMatchObject({
        name: expected.name,
        license: 'Apache-2.0',
        repository: { type: 'git', url: expect.stringMatching(/^git\+https:\/\/.+\.git$/) as unknown },
        engines: { node: expect.stringMatching(/^>=\d/) as unknown },
      });
      expect(Object.keys(manifest.dependencies ?? {})).toEqual(expected.dependencies);
      expect(Object.keys(manifest.peerDependencies ?? {})).toEqual(expected.peers ?? []);
      for (const field of ['private', 'optionalDependencies', 'scripts']) expect(manifest).not.toHaveProperty(field);
    });

    it('tells the licences of packages that are inside the bundles', () => {
      for (const name of bundles) expect(notices()).toContain(`\n${name} `);
      expect(notices()).not.toContain('no licence named');
    });

    it('has a page whose links lead to pages of the project', () => {
      const links = [...textOf('README.md').matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link);
      expect(links.length).toBeGreaterThan(3);
      const base = /^https:\/\/[^/]+\/[^/]+\/[^/]+\/blob\/v[\d.]+\/([^#]+)/;
      expect(links.filter((link) => !existsSync(path.join(ROOT, base.exec(link)?.[1] ?? 'nowhere')))).toEqual([]);
    });

    it('is clean for publint', async () => {
      const check = `
        import { readFile } from 'node:fs/promises';
        import { publint } from 'publint';
        import { formatMessage } from 'publint/utils';
        const { buffer } = await readFile(process.argv[1]);
        const { messages, pkg } = await publint({ pack: { tarball: buffer }, strict: true });
        console.log(JSON.stringify(messages.map((message) => formatMessage(message, pkg))));`;
      const messages = await succeed(ROOT, process.execPath, ['--input-type=module', '--eval', check, of().tarball]);
      expect(JSON.parse(messages)).toEqual([]);
    });
  });
};

/** For packages that are imported. */
export const itHasRightTypes = (of: () => Installed): void => {
  it('has types that are right for every module resolution, by arethetypeswrong', async () => {
    const bin = '@arethetypeswrong/cli/dist/index.js';
    const { stdout } = await runTool(ROOT, bin, [of().tarball, '--profile', 'strict', '--format', 'json']);
    const { analysis } = JSON.parse(stdout) as { analysis: { problems: unknown[]; entrypoints: object } };
    expect(Object.keys(analysis.entrypoints)).toContain('.');
    expect(analysis.problems).toEqual([]);
  });
};
