import type { S3Client } from '@aws-sdk/client-s3';
import { PARAMETER_PREFIX } from '../../contract.ts';
import { createFileCheck, type DataRole, type FileReport } from '../../data-check/check-file.ts';
import { locationProblem, type Purpose } from '../../data-check/check-set.ts';
import { rulesFor } from '../../data-check/rules.ts';
import { readEnvironment } from '../../local/options.ts';
import type { CommandContext, Terminal } from '../context.ts';
import { askedRegion, type TrackerFlags } from '../flags.ts';
import { type Progress, SILENT, startBar } from '../output/progress.ts';
import { openData, s3LocationOf } from './open-data.ts';

export interface NamedData {
  readonly name: string;
  readonly role: DataRole;
}

const MB = 1024 ** 2;

/** "12 kB", "3.4 MB", "1,024 MB". */
export const formatSize = (bytes: number): string => {
  const [unit, name] = bytes < MB ? [1024, 'kB'] : [MB, 'MB'];
  const digits = unit === MB && bytes < 10 * MB ? 1 : 0;
  return `${Math.max(bytes / unit, 10 ** -digits).toLocaleString('en-US', { maximumFractionDigits: digits })} ${name}`;
};

const startProgress = (name: string, total: number | undefined, { showsProgress }: Terminal): Progress => {
  if (!showsProgress) return SILENT;
  const label = name.slice(name.lastIndexOf('/') + 1).slice(0, 30);
  const format = total === undefined ? `${label} {value}` : `${label} {bar} {value} of {total}  {eta_formatted} left`;
  return startBar({ format, total, formatValue: formatSize });
};

/** Where a command reads data from. */
export type SourceFlags = Pick<TrackerFlags, 'region' | 'local' | 'dataDir'>;

/** What reads the data of a command: S3 with the person's own credentials, or of the local run. No tracker is needed. */
export const s3Of =
  (flags: SourceFlags, context: CommandContext, region?: string): (() => Promise<S3Client>) =>
  async () => {
    if (flags.local === true)
      return (await context.connect({ ...flags, parameterPrefix: PARAMETER_PREFIX })).s3(region);
    const { createClients } = await import('../../operator/clients.ts');
    const asked = region ?? askedRegion(flags, readEnvironment());
    if (asked !== undefined) return createClients(asked).s3();
    const { S3Client: Client } = await import('@aws-sdk/client-s3');
    return createClients(await new Client({}).config.region()).s3();
  };

/** What is wrong with a name before its data are read. */
export const nameProblem = (name: string): string | undefined => {
  const problem = locationProblem(name);
  return problem === undefined ? undefined : `${name} ${problem}.`;
};

/** Reads and checks one file. Throws as `openData` does, and the signal's reason. */
export const checkFile = async (
  { name, role }: NamedData,
  purpose: Purpose,
  { terminal, signal }: Pick<CommandContext, 'terminal' | 'signal'>,
  s3: () => Promise<S3Client>,
): Promise<FileReport> => {
  const data = await openData(name, { s3, signal });
  const bucket = s3LocationOf(name)?.bucket;
  const check = createFileCheck(
    { name, role, ...(bucket !== undefined && { bucket }) },
    rulesFor(purpose.baseModel, purpose.type),
  );
  const progress = startProgress(name, data.size, terminal);
  let done = 0;
  try {
    for await (const chunk of data.chunks) {
      signal.throwIfAborted();
      check.push(chunk);
      done += chunk.byteLength;
      progress.update(done);
    }
  } finally {
    progress.end();
    await data.close();
  }
  return check.end();
};
