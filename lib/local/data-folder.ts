import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ClassicLevel } from 'classic-level';
import { TrackerError } from '../domain/errors.ts';

/**
 * The folder of a local run's tables, made where it is missing. Throws LOCAL_RUN_REFUSED where another run uses it: LevelDB
 * gives its files to one process, and gives them free when that process ends, however it ends. dynalite would end the
 * process instead of reporting it.
 */
export const claimTablesFolder = async (dataDir: string): Promise<string> => {
  const path = join(dataDir, 'dynamodb');
  try {
    await mkdir(path, { recursive: true });
    const level = new ClassicLevel(path);
    await level.open();
    await level.close();
    return path;
  } catch (error) {
    const reason = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
    throw new TrackerError(
      'LOCAL_RUN_REFUSED',
      `The records in ${path} cannot be opened (${reason}). If another local run uses them, stop it; ` +
        'or name another folder with --data-dir.',
      { cause: error },
    );
  }
};
