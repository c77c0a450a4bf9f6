import { readFileSync } from 'node:fs';
import path from 'node:path';
import { PARAMETERS } from '../release/parameters.ts';
import { code } from './markdown.ts';

const MANIFEST = path.resolve(import.meta.dirname, '..', '..', 'package.json');

/** What in docs/deploy.md is made from the code. */
export function deployParts(): Record<'release' | 'parameters', string> {
  const { version } = JSON.parse(readFileSync(MANIFEST, 'utf8')) as { version: string };
  const commands = [
    `export RELEASE=$PWD/dist/release VERSION=${version}`,
    '(cd "$RELEASE" && sha256sum --check SHA256SUMS)',
  ];
  return {
    release: ['```bash', ...commands, '```'].join('\n'),
    parameters: Object.entries(PARAMETERS)
      .map(
        ([
          name,
          {
            label,
            definition: { Default, Description },
          },
        ]) => {
          const value = Default === '' ? whenEmpty(Description) : code(Default);
          return `- ${code(name)} (${value}): ${label}`;
        },
      )
      .join('\n'),
  };
}

/** The end of a description of what can be left out. */
const whenEmpty = (description: string): string => /\bEmpty: ([^.]+)$/.exec(description)?.[1] ?? '';
