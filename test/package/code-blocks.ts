import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from './support.ts';

/** What a fragment of docs/library.md may take for granted. */
const GIVEN = {
  tracker: 'import("bedrock-job-tracker").BedrockJobTracker',
  stack: 'import("aws-cdk-lib").Stack',
};

/** Writes each TypeScript block of docs/library.md as a module of its own; the names of the files. */
export const writeCodeBlocks = (folder: string): string[] => {
  const page = readFileSync(path.join(ROOT, 'docs', 'library.md'), 'utf8');
  return [...page.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, code = ''], index) => {
    const given = Object.entries(GIVEN)
      .filter(([name]) => !code.includes(`const ${name} =`))
      .map(([name, type]) => `declare const ${name}: ${type};\n`);
    const file = `block-${index + 1}.ts`;
    writeFileSync(path.join(folder, file), given.join('') + code);
    return file;
  });
};
