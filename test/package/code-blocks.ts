import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from './support.ts';

/** The pages for people who write TypeScript, and what a fragment of each may take for granted. */
const GIVEN = {
  library: { tracker: 'import("bedrock-job-tracker").BedrockJobTracker', stack: 'import("aws-cdk-lib").Stack' },
  querying: { jobs: 'import("bedrock-job-tracker/client").JobsClient' },
};

/** Writes each TypeScript block of these pages as a module of its own; the names of the files. */
export const writeCodeBlocks = (folder: string): string[] =>
  Object.entries(GIVEN).flatMap(([page, names]) => {
    const text = readFileSync(path.join(ROOT, 'docs', `${page}.md`), 'utf8');
    return [...text.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, code = ''], index) => {
      const given = Object.entries(names)
        .filter(([name]) => !code.includes(`const ${name} =`))
        .map(([name, type]) => `declare const ${name}: ${type};\n`);
      const file = `${page}-${index + 1}.ts`;
      // Without an import a file is no module, and may not await.
      writeFileSync(path.join(folder, file), `export {};\n${given.join('')}${code}`);
      return file;
    });
  });
