import js from '@eslint/js';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

/** What any layer may use: the pure rules, and the names that two sides share. */
const RULES = ['lib/domain', 'lib/contract.ts'];

/**
 * The layers of the house and what each may import, besides itself: the data's way is one-way. `packages` are the only
 * npm packages and Node modules a layer may use; absent means any.
 */
const LAYERS = {
  'lib/domain': { layers: [], packages: [] },
  'lib/tracking': { layers: RULES, packages: ['p-map'] },
  'lib/runtime': { layers: ['lib/tracking', ...RULES] },
  'lib/client': { layers: RULES },
  'lib/service-model': { layers: ['lib/domain'], packages: ['valibot'] },
  'lib/data-check': { layers: ['lib/domain'], packages: ['node:buffer'] },
  'lib/simulator': { layers: ['lib/service-model', 'lib/loopback.ts', 'lib/contract.ts'] },
  'lib/operator': {
    layers: ['lib/client', 'lib/data-check', 'lib/service-model', 'lib/runtime', 'lib/tracking', ...RULES],
  },
  // The web application runs in a browser, and knows of the server what the API says.
  'lib/dashboard/web': { layers: ['lib/dashboard/api.ts', 'lib/domain'] },
  'lib/dashboard': {
    layers: ['lib/operator', 'lib/client', 'lib/service-model', 'lib/loopback.ts', ...RULES],
  },
  'lib/local': {
    layers: [
      'lib/simulator',
      'lib/dashboard',
      'lib/operator',
      'lib/client',
      'lib/runtime',
      'lib/tracking',
      'lib/loopback.ts',
      ...RULES,
    ],
  },
  'lib/cli': {
    layers: [
      'lib/local',
      'lib/dashboard',
      'lib/operator',
      'lib/client',
      'lib/data-check',
      'lib/service-model',
      'lib/runtime',
      'lib/tracking',
      'lib/loopback.ts',
      ...RULES,
    ],
  },
  'lib/infra': { layers: RULES },
  lambdas: { layers: ['lib/tracking', 'lib/runtime', 'lib/client', ...RULES] },
};

const ROOTS = [
  ...Object.keys(LAYERS),
  'lib/contract.ts',
  'lib/loopback.ts',
  'lib/dashboard/api.ts',
  'test',
  'bin',
  'scripts',
  'bench',
];

/** A path in the middle of a relative import: `../domain/record.ts` from lib/tracking leads into lib/domain. */
const leadsInto = (root) => (root.endsWith('.ts') ? `/${root.replace('lib/', '')}$` : `/${root.replace('lib/', '')}/`);

const layerRules = Object.entries(LAYERS).map(([folder, { layers, packages }]) => {
  const forbidden = ROOTS.filter(
    // A layer inside another is reached by the rules of its own folder.
    (root) =>
      root !== folder && !layers.includes(root) && !folder.startsWith(`${root}/`) && !root.startsWith(`${folder}/`),
  );
  const patterns = forbidden.map((root) => ({
    regex: `^\\.{1,2}/.*${leadsInto(root).replaceAll('.', '\\.')}|^\\.\\.${leadsInto(root).replaceAll('.', '\\.')}`,
    message: `${folder} may not import ${root}: see "The house" in CONTRIBUTING.md.`,
  }));
  const onlyPackages = packages && {
    regex: packages.length === 0 ? '^[^.]' : `^(?!\\.|(?:${packages.join('|')})$)`,
    message: `${folder} may import ${packages.length === 0 ? 'no package' : `no package but ${packages.join(', ')}`}: see "The house" in CONTRIBUTING.md.`,
  };
  return {
    files: [`${folder}/**/*.{ts,tsx}`],
    ignores: Object.keys(LAYERS).flatMap((other) => (other.startsWith(`${folder}/`) ? [`${other}/**`] : [])),
    rules: { 'no-restricted-imports': ['error', { patterns: [...patterns, ...(onlyPackages ? [onlyPackages] : [])] }] },
  };
});

export default defineConfig(
  // The consumer's project is compiled against the packed package, where its imports lead somewhere.
  globalIgnores(['dist', 'cdk.out', 'coverage', '.cache', '.local', 'test/package/consumer']),
  js.configs.recommended,
  {
    files: ['**/*.{ts,tsx}'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      // A promise of void that is awaited for its side effect, or a callback that answers nothing, is no mistake.
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // A class of constants is the one form of them that jsii takes to other languages.
      '@typescript-eslint/no-extraneous-class': ['error', { allowStaticOnly: true }],
      eqeqeq: 'error',
      'no-console': 'error',
    },
  },
  ...layerRules,
  {
    files: ['lib/**/*.ts', 'lambdas/**/*.ts'],
    ignores: ['lib/runtime/configuration.ts', 'lib/local/options.ts', 'lib/client/environment.ts'],
    rules: {
      'no-restricted-properties': [
        'error',
        {
          object: 'process',
          property: 'env',
          message:
            'Read it in lib/runtime/configuration.ts, in a local run by lib/local/options.ts, for readers in lib/client/environment.ts.',
        },
      ],
    },
  },
  {
    // Commands speak to a person.
    files: ['scripts/**', 'bin/**', 'bench/**', 'test/**'],
    languageOptions: { globals: { console: 'readonly', process: 'readonly', fetch: 'readonly' } },
    rules: { 'no-console': 'off' },
  },
);
