import { PARAMETER_PREFIX } from '../../contract.ts';
import { readEnvironment } from '../../local/options.ts';
import type { DataSource } from '../../operator/data/open-data.ts';
import type { CommandContext, Terminal } from '../context.ts';
import { askedRegion, isLocalRun, type TrackerFlags } from '../flags.ts';
import { type Progress, SILENT, startBar } from '../output/progress.ts';
import { visible } from '../output/values.ts';

const MB = 1024 ** 2;

/** "12 kB", "3.4 MB", "1,024 MB". */
export const formatSize = (bytes: number): string => {
  const [unit, name] = bytes < MB ? [1024, 'kB'] : [MB, 'MB'];
  const digits = unit === MB && bytes < 10 * MB ? 1 : 0;
  return `${Math.max(bytes / unit, 10 ** -digits).toLocaleString('en-US', { maximumFractionDigits: digits })} ${name}`;
};

const startProgress = (name: string, total: number | undefined, { showsProgress }: Terminal): Progress => {
  if (!showsProgress) return SILENT;
  const label = visible(name.slice(name.lastIndexOf('/') + 1)).slice(0, 30);
  const format = total === undefined ? `${label} {value}` : `${label} {bar} {value} of {total}  {eta_formatted} left`;
  return startBar({ format, total, formatValue: formatSize });
};

/** Where a command reads data from. */
export type SourceFlags = Partial<TrackerFlags>;

/** What reads the data of a command: S3 with the person's own credentials, or of the local run. No tracker is needed. */
export const sourceOf = (flags: SourceFlags, context: CommandContext, region?: string): DataSource => ({
  signal: context.signal,
  startProgress: (name, size) => startProgress(name, size, context.terminal),
  s3: async () => {
    if (isLocalRun(flags, readEnvironment()))
      return (await context.connect({ parameterPrefix: PARAMETER_PREFIX, ...flags })).s3(region);
    const { createClients } = await import('../../operator/clients.ts');
    const asked = region ?? askedRegion(flags, readEnvironment());
    if (asked !== undefined) return createClients(asked).s3();
    const { S3Client } = await import('@aws-sdk/client-s3');
    return createClients(await new S3Client({}).config.region()).s3();
  },
});
