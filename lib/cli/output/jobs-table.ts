import type { JobSummary } from '../../client/requests.ts';
import type { Terminal } from '../context.ts';
import { paintStatus, paletteOf } from './colours.ts';
import { formatTable, type Column } from './table.ts';
import { formatTime } from './time.ts';
import { formatLasting, formatNumber, modelName, NOTHING } from './words.ts';

const varies = (jobs: readonly JobSummary[], member: 'region' | 'account_id'): boolean =>
  new Set(jobs.map((job) => job[member])).size > 1;

/** The id at the end of an ARN. */
const idOf = (arn: string): string => arn.slice(arn.lastIndexOf('/') + 1);

/** Nobody sees the job any more, whatever its last status was. */
const statusOf = ({ status = NOTHING, missing_since, untracked_since }: JobSummary): string => {
  if (missing_since !== undefined) return `${status} (gone)`;
  return untracked_since === undefined ? status : `${status} (not tracked)`;
};

/** Jobs as a table: accounts and Regions where they differ. */
export const formatJobs = (
  jobs: readonly JobSummary[],
  terminal: Pick<Terminal, 'columns' | 'colour'>,
  now: Date,
): Iterable<string> => {
  const palette = paletteOf(terminal);
  const columns: Column<JobSummary>[] = [
    { title: 'NAME', value: (job) => job.job_name ?? NOTHING, importance: 10, least: 26 },
    {
      title: 'STATUS',
      value: statusOf,
      importance: 9,
      least: 10,
      paint: (text, { status }) => paintStatus(text, status, palette),
    },
    { title: 'MODEL', value: ({ base_model_arn }) => modelName(base_model_arn), importance: 6, least: 18 },
    { title: 'TYPE', value: (job) => job.customization_type ?? NOTHING, importance: 3, least: 11 },
    { title: 'CREATED', value: ({ creation_time }) => formatTime(creation_time), importance: 8, least: 17 },
    { title: 'TOOK', value: (job) => formatLasting(job, now), importance: 7, least: 12 },
    {
      title: 'LOSS',
      value: (job) => formatNumber(job.training_metrics?.training_loss),
      importance: 2,
      least: 6,
      align: 'right',
    },
    { title: 'ID', value: ({ job_arn }) => idOf(job_arn), importance: 5, least: 12 },
    ...(varies(jobs, 'region')
      ? [{ title: 'REGION', value: ({ region }: JobSummary) => region, importance: 4, least: 9 }]
      : []),
    ...(varies(jobs, 'account_id')
      ? [{ title: 'ACCOUNT', value: ({ account_id }: JobSummary) => account_id, importance: 4, least: 12 }]
      : []),
  ];
  return formatTable(columns, jobs, terminal);
};
