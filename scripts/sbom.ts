import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { licenceProblems, makeSbom } from './sbom/document.ts';

/** Writes the software bill of materials, and ends badly where a licence is not one that this project can hand on. */
const FILE = path.resolve(import.meta.dirname, '..', 'dist', 'sbom.cdx.json');

const sbom = await makeSbom();
await mkdir(path.dirname(FILE), { recursive: true });
await writeFile(FILE, `${JSON.stringify(sbom, undefined, 2)}\n`);
const problems = licenceProblems(sbom.components);
for (const problem of problems) console.error(problem);
console.error(`${path.relative(process.cwd(), FILE)}: ${sbom.components.length} packages ship.`);
if (problems.length > 0) process.exitCode = 1;
