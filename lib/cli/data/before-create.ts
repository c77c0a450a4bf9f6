import type { FileReport } from '../../data-check/check-file.ts';
import { DEFAULT_TYPE, reportOn } from '../../data-check/check-set.ts';
import { type ErrorCode, TrackerError } from '../../domain/errors.ts';
import { hintsOn } from '../../operator/spec/hints.ts';
import type { CreateRequest } from '../../service-model/model.ts';
import { type CommandContext, Ended, EXIT } from '../context.ts';
import { formatCount, visible } from '../output/values.ts';
import { checkFile, nameProblem, type NamedData, s3Of, type SourceFlags } from './check-data.ts';
import { isMissing } from './open-data.ts';
import { verdictOf, wordReport } from './report.ts';

export interface BeforeCreateFlags extends SourceFlags {
  readonly jobRegion?: string;
  readonly dryRun?: true;
  /** False with --no-check. */
  readonly check?: boolean;
}

const typeOf = ({ customizationType, customizationConfig: config }: CreateRequest): string => {
  if (customizationType !== undefined) return customizationType;
  if (config?.distillationConfig !== undefined) return 'DISTILLATION';
  return config?.rftConfig === undefined ? DEFAULT_TYPE : 'REINFORCEMENT_FINE_TUNING';
};

const dataOf = ({ trainingDataConfig, validationDataConfig }: CreateRequest): NamedData[] => [
  ...(trainingDataConfig.s3Uri === undefined ? [] : [{ name: trainingDataConfig.s3Uri, role: 'training' } as const]),
  ...(validationDataConfig?.validators ?? []).map(({ s3Uri }) => ({ name: s3Uri, role: 'validation' }) as const),
];

/** What became of the files of a request. */
interface Outcome {
  readonly files: FileReport[];
  /** Why a job with the others would fail. */
  readonly problems: string[];
  /** Why others could not be checked. */
  readonly skipped: string[];
}

/** Errors that every further file would meet, after some seconds. */
const OF_ALL_FILES: readonly ErrorCode[] = ['NO_CREDENTIALS', 'TRACKER_NOT_FOUND', 'AWS_UNREACHABLE'];

const checkFiles = async (
  data: readonly NamedData[],
  isLocal: boolean,
  check: (data: NamedData) => Promise<FileReport>,
): Promise<Outcome> => {
  const outcome: Outcome = { files: [], problems: [], skipped: [] };
  for (const each of data) {
    const { name } = each;
    const problem = nameProblem(name);
    if (problem !== undefined) {
      outcome.problems.push(problem);
      continue;
    }
    try {
      outcome.files.push(await check(each));
    } catch (error) {
      if (!(error instanceof TrackerError)) throw error;
      if (OF_ALL_FILES.includes(error.code)) {
        outcome.skipped.push(`Could not check the data. ${error.message}`);
        break;
      }
      if (!isMissing(error)) outcome.skipped.push(`Could not check ${name}. ${error.message}`);
      else if (!isLocal) outcome.problems.push(error.message);
      else
        outcome.skipped.push(
          `Did not check ${name}: it is not in the simulated S3, and the simulator trains without it.`,
        );
    }
  }
  return outcome;
};

/**
 * Checks the data of a request before it is sent, and gives hints about its model. Data that cannot be read are told of
 * and let through, as the job's role may read them.
 *
 * @throws Ended with exit code 1 where the job would fail for its data
 */
export const checkBeforeSending = async (
  request: CreateRequest,
  flags: BeforeCreateFlags,
  context: CommandContext,
): Promise<void> => {
  const { terminal } = context;
  hintsOn(request).forEach(terminal.tell);
  const type = typeOf(request);
  // What is imported is a folder of a model's artifacts.
  if (flags.check === false || type === 'IMPORTED') return;
  const purpose = { baseModel: request.baseModelIdentifier, type };
  const s3 = s3Of(flags, context, flags.jobRegion);
  const data = dataOf(request);
  const { files, problems, skipped } = await checkFiles(data, flags.local === true, (each) =>
    checkFile(each, purpose, context, s3),
  );
  for (const sentence of skipped) terminal.tell(visible(sentence));
  if (files.length === 0 && problems.length === 0) return;
  const report = reportOn(purpose, files, { unread: problems, isWhole: files.length === data.length });
  const lines = files.reduce((sum, { records }) => sum + records, 0);
  const isClean = report.ok && report.format !== undefined && files.every(({ warnings }) => warnings === 0);
  if (isClean) terminal.tell(`Checked ${formatCount(lines)} lines of data: no problem was found.`);
  else [...wordReport(report), verdictOf(report)].forEach(terminal.tell);
  if (report.ok) return;
  if (flags.dryRun !== true)
    terminal.tell('Nothing was sent. Correct the data, or add --no-check to send the request as it is.');
  throw new Ended(EXIT.failed);
};
