import { createFileCheck, type DataRole, type FileReport } from '../../data-check/check-file.ts';
import { type DataReport, DEFAULT_TYPE, locationProblem, type Purpose, reportOn } from '../../data-check/check-set.ts';
import { rulesFor } from '../../data-check/rules.ts';
import { type ErrorCode, TrackerError } from '../../domain/errors.ts';
import type { CreateRequest } from '../../service-model/model.ts';
import { type DataSource, isMissing, openData, s3LocationOf } from './open-data.ts';

export interface NamedData {
  readonly name: string;
  readonly role: DataRole;
}

/** What is wrong with a name before its data are read. */
export const nameProblem = (name: string): string | undefined => {
  const problem = locationProblem(name);
  return problem === undefined ? undefined : `${name} ${problem}.`;
};

/** Reads and checks one file. Throws as `openData` does, and the signal's reason. */
export const checkFile = async (
  { name, role }: NamedData,
  purpose: Purpose,
  source: DataSource,
): Promise<FileReport> => {
  const data = await openData(name, source);
  const bucket = s3LocationOf(name)?.bucket;
  const check = createFileCheck(
    { name, role, ...(bucket !== undefined && { bucket }) },
    rulesFor(purpose.baseModel, purpose.type),
  );
  const progress = source.startProgress?.(name, data.size);
  let done = 0;
  try {
    for await (const chunk of data.chunks) {
      source.signal.throwIfAborted();
      check.push(chunk);
      done += chunk.byteLength;
      progress?.update(done);
    }
  } finally {
    progress?.end();
    await data.close();
  }
  return check.end();
};

const typeOf = ({ customizationType, customizationConfig: config }: CreateRequest): string => {
  if (customizationType !== undefined) return customizationType;
  if (config?.distillationConfig !== undefined) return 'DISTILLATION';
  return config?.rftConfig === undefined ? DEFAULT_TYPE : 'REINFORCEMENT_FINE_TUNING';
};

const dataOf = ({ trainingDataConfig, validationDataConfig }: CreateRequest): NamedData[] => [
  ...(trainingDataConfig.s3Uri === undefined ? [] : [{ name: trainingDataConfig.s3Uri, role: 'training' } as const]),
  ...(validationDataConfig?.validators ?? []).map(({ s3Uri }) => ({ name: s3Uri, role: 'validation' }) as const),
];

/** What became of the data of a request. */
export interface RequestCheck {
  /** Absent where nothing could be checked. */
  readonly report?: DataReport;
  /** Why data could not be checked. The job's role may read them. */
  readonly skipped: readonly string[];
}

/** Errors that every further file would meet, after some seconds. */
const OF_ALL_FILES: readonly ErrorCode[] = ['NO_CREDENTIALS', 'TRACKER_NOT_FOUND', 'AWS_UNREACHABLE'];

/**
 * Checks the data of a request before it is sent. `isLocal`: the simulator trains without data, so they may be missing.
 * Throws the signal's reason.
 */
export const checkRequest = async (
  request: CreateRequest,
  isLocal: boolean,
  source: DataSource,
): Promise<RequestCheck> => {
  const purpose = { baseModel: request.baseModelIdentifier, type: typeOf(request) };
  const [files, unread, skipped]: [FileReport[], string[], string[]] = [[], [], []];
  // What is imported is a folder of a model's artifacts.
  const data = purpose.type === 'IMPORTED' ? [] : dataOf(request);
  for (const each of data) {
    const { name } = each;
    const problem = nameProblem(name);
    if (problem !== undefined) {
      unread.push(problem);
      continue;
    }
    try {
      files.push(await checkFile(each, purpose, source));
    } catch (error) {
      if (!(error instanceof TrackerError)) throw error;
      if (OF_ALL_FILES.includes(error.code)) {
        skipped.push(`Could not check the data. ${error.message}`);
        break;
      }
      if (!isMissing(error)) skipped.push(`Could not check ${name}. ${error.message}`);
      else if (!isLocal) unread.push(error.message);
      else skipped.push(`Did not check ${name}: it is not in the simulated S3, and the simulator trains without it.`);
    }
  }
  if (files.length === 0 && unread.length === 0) return { skipped };
  return { report: reportOn(purpose, files, { unread, isWhole: files.length === data.length }), skipped };
};

/** The words of the command that checks these data alone; undefined where there are no training data to name. */
export const checkWords = (request: CreateRequest): string[] | undefined => {
  const [training, validation] = dataOf(request);
  if (training?.role !== 'training') return undefined;
  return [
    ...['check', training.name, '--base-model', request.baseModelIdentifier, '--type', typeOf(request)],
    ...(validation === undefined ? [] : ['--validation-data', validation.name]),
  ];
};
