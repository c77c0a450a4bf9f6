import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { DEFAULT_SCHEDULES, NO_SETTINGS, type FoundSettings } from '../operator/tracker-settings.ts';
import { TrackerError } from '../domain/errors.ts';

const runFileSchema = v.object({
  /** The process of the run. */
  pid: v.pipe(v.number(), v.integer(), v.minValue(1)),
  webUrl: v.string(),
  dynamoDbUrl: v.string(),
  /** The simulator's endpoint; absent where AWS is tracked. */
  bedrockUrl: v.exactOptional(v.string()),
  region: v.string(),
  jobsTable: v.string(),
  sweepsTable: v.string(),
  /** Absent where an older version wrote the file. */
  modelsTable: v.exactOptional(v.string()),
  /** `<account id>#<region>` */
  scopes: v.array(v.string()),
  /** Seconds between two sweeps; absent where an older version wrote the file. */
  sweepEvery: v.exactOptional(v.object({ active: v.number(), full: v.number() })),
});

/** What a local run tells commands on the same machine about itself. */
export type RunFile = v.InferOutput<typeof runFileSchema>;

/** The settings by which a run's sweeps are judged. */
export const settingsOfRun = ({ sweepEvery }: Pick<RunFile, 'sweepEvery'>): FoundSettings => {
  if (sweepEvery === undefined) return NO_SETTINGS;
  const { active, full } = sweepEvery;
  return { schedules: { ...DEFAULT_SCHEDULES, activeSweepMinutes: active / 60, fullSweepMinutes: full / 60 } };
};

const pathIn = (folder: string): string => join(folder, 'run.json');

const isAlive = (pid: number): boolean => {
  try {
    // Signal 0 only asks whether there is such a process.
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // It is somebody else's, and alive.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
};

const read = async (folder: string): Promise<RunFile | undefined> => {
  try {
    return v.parse(runFileSchema, JSON.parse(await readFile(pathIn(folder), 'utf8')));
  } catch {
    // Absent, or left by another version: either way no run that could be used.
    return undefined;
  }
};

/** Tells commands where the run is. Of two runs in one folder the later one is found. */
export const writeRunFile = async (folder: string, run: RunFile): Promise<void> => {
  await mkdir(folder, { recursive: true });
  // Renamed, so that nobody reads half of it.
  const draft = `${pathIn(folder)}.${run.pid}`;
  await writeFile(draft, `${JSON.stringify(run, null, 2)}\n`);
  await rename(draft, pathIn(folder));
};

/** Takes the file away, unless it is of another run by now. */
export const removeRunFile = async (folder: string, pid: number): Promise<void> => {
  if ((await read(folder))?.pid === pid) await rm(pathIn(folder), { force: true });
};

/** Whether a run is going in a folder. */
export const isRunGoing = async (folder: string): Promise<boolean> => {
  const run = await read(folder);
  return run !== undefined && isAlive(run.pid);
};

/**
 * The run that is going in a folder.
 *
 * @throws TrackerError TRACKER_NOT_FOUND where there is none, or where its process ended without taking the file away
 */
export const readRunFile = async (folder: string): Promise<RunFile> => {
  const run = await read(folder);
  if (run !== undefined && isAlive(run.pid)) return run;
  throw new TrackerError(
    'TRACKER_NOT_FOUND',
    `No local tracker is running in ${folder}. Start one with "npm start" or "bedrock-jobs local", or name its folder with --data-dir.`,
  );
};
