import { readFile, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { format } from 'prettier';
import type { Measurements } from './section.ts';
import type { SectionName } from './sections.ts';

/** Where and when a section was measured: ratios within one section are of one run, sections may be of several. */
export interface Run {
  readonly date: string;
  readonly node: string;
  readonly processor: string;
  readonly cores: number;
  readonly memoryGb: number;
}

export type SectionResults = Measurements & { readonly run: Run; readonly seconds: number };
export type Results = Partial<Record<SectionName, SectionResults>>;

const FILE = join(import.meta.dirname, 'results.json');

export const thisRun = (): Run => ({
  date: new Date().toISOString().slice(0, 10),
  node: process.version,
  processor: cpus()[0]?.model.trim() ?? 'unknown',
  cores: availableParallelism(),
  memoryGb: Math.round(totalmem() / 1024 ** 3),
});

export const readResults = async (): Promise<Results> => {
  try {
    return JSON.parse(await readFile(FILE, 'utf8')) as Results;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw error;
  }
};

export const writeResults = async (results: Results): Promise<void> => {
  await writeFile(FILE, await format(JSON.stringify(results), { parser: 'json', printWidth: 120 }));
};
