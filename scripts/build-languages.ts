/**
 * The constructs in the other languages of jsii, each where its toolchain is present:
 *
 *   npm run build:languages [-- python java go dotnet]
 */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { STAGING, stagePackages } from './build-package.ts';
import { buildWheel, generate } from './package/construct-languages.ts';
import { ROOT } from './package/files.ts';

/** What builds each language, as a command that tells its version. */
const TOOLS: Readonly<Record<string, readonly [tool: string, version: string]>> = {
  java: ['mvn', '--version'],
  go: ['go', 'version'],
  dotnet: ['dotnet', '--version'],
};

async function main(languages: readonly string[]): Promise<void> {
  const unknown = languages.find((name) => name !== 'python' && !Object.hasOwn(TOOLS, name));
  if (unknown !== undefined) {
    throw new Error(`"${unknown}" is not a language: it takes python, ${Object.keys(TOOLS).join(', ')}.`);
  }
  const out = STAGING;
  await stagePackages(out, ['construct']);
  const staging = path.join(out, 'construct');
  for (const language of languages.length > 0 ? languages : ['python', ...Object.keys(TOOLS)]) {
    const [tool, version] = TOOLS[language] ?? [];
    if (tool === undefined || version === undefined) {
      console.error(`python: ${path.relative(ROOT, await buildWheel(staging, path.join(out, 'python')))}`);
    } else if (spawnSync(tool, [version], { stdio: 'ignore' }).status === 0) {
      await generate(staging, language, out);
      console.error(`${language}: ${path.relative(ROOT, path.join(out, language))}`);
    } else {
      console.error(`${language}: skipped, as this machine has no ${tool}.`);
    }
  }
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  // The tools name what they could not do; a stack trace would only name them.
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
