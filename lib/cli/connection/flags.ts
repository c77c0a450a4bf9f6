import { InvalidArgumentError, Option, type Command } from 'commander';
import { PARAMETER_PREFIX } from '../../contract.ts';

/** Which tracker a command works with, as commander hands it over. */
export interface TrackerFlags {
  /** Region of the tracker. */
  readonly region?: string;
  /** Name of the jobs table, in place of the parameter. */
  readonly table?: string;
  readonly parameterPrefix: string;
  /** The local run in place of a deployed tracker. */
  readonly local?: true;
  /** The data folder of that run, where it is not the default one. */
  readonly dataDir?: string;
}

const prefix = (text: string): string => {
  if (/^(\/[\w.-]+)+$/.test(text)) return text;
  throw new InvalidArgumentError(`It must be a path such as ${PARAMETER_PREFIX}, without a slash at its end.`);
};

const tableName = (text: string): string => {
  if (/^[\w.-]{3,255}$/.test(text)) return text;
  throw new InvalidArgumentError('It must be the name of a table: 3 to 255 of a-z, A-Z, 0-9, _ . -');
};

export const regionName = (text: string): string => {
  if (/^[a-z]{2,3}(-[a-z]+)+-\d$/.test(text)) return text;
  throw new InvalidArgumentError('It must be a Region, such as us-east-1.');
};

/** Where help lists them. */
const GROUP = 'Which tracker:';

/** Adds the options that say which tracker a command works with. */
export const withTrackerFlags = (command: Command): Command =>
  command
    .addOption(new Option('--region <name>', 'its Region (default: yours)').argParser(regionName).helpGroup(GROUP))
    .addOption(
      new Option('--table <name>', 'its jobs table (default: JOBS_TABLE_NAME, or found by SSM)')
        .argParser(tableName)
        .helpGroup(GROUP),
    )
    .addOption(
      new Option('--parameter-prefix <path>', 'its prop of this name, by which SSM finds it')
        .default(PARAMETER_PREFIX)
        .argParser(prefix)
        .helpGroup(GROUP),
    )
    .addOption(
      new Option('--local', 'what npm start runs on this machine').conflicts(['region', 'table']).helpGroup(GROUP),
    )
    .addOption(
      new Option('--data-dir <folder>', 'the same, where it was given this --data-dir (default: .local)')
        .conflicts(['region', 'table'])
        .implies({ local: true })
        .helpGroup(GROUP),
    );
