import { InvalidArgumentError, Option, type Command } from 'commander';
import { PARAMETER_PREFIX } from '../../contract.ts';
import type { EnvironmentValues } from '../../local/environment.ts';

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

/** The Region that a person asked for, by flag or environment; undefined leaves it to the SDK and its profile. */
export const askedRegion = ({ region }: Pick<TrackerFlags, 'region'>, env: EnvironmentValues): string | undefined =>
  // The SDK for JavaScript does not look at AWS_DEFAULT_REGION, the AWS CLI does.
  [region, env['AWS_REGION'], env['AWS_DEFAULT_REGION']].find((each) => each !== undefined && each !== '');

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

/** Adds the options that find a deployed tracker. */
export const withDeployedFlags = (command: Command): Command =>
  command
    .addOption(new Option('--region <name>', 'its Region (default: yours)').argParser(regionName).helpGroup(GROUP))
    .addOption(
      new Option('--parameter-prefix <path>', 'SSM prefix that it was deployed with')
        .default(PARAMETER_PREFIX)
        .argParser(prefix)
        .helpGroup(GROUP),
    );

/** Adds the options that find a tracker, deployed or local. */
export const withTrackerFlags = (command: Command): Command =>
  withDeployedFlags(command)
    .addOption(
      new Option('--table <name>', 'its jobs table (default: JOBS_TABLE_NAME, or from SSM)')
        .argParser(tableName)
        .helpGroup(GROUP),
    )
    .addOption(new Option('--local', 'the local tracker of npm start').conflicts(['region', 'table']).helpGroup(GROUP))
    .addOption(
      new Option('--data-dir <folder>', 'data directory of the local tracker (default: .local)')
        .conflicts(['region', 'table'])
        .implies({ local: true })
        .helpGroup(GROUP),
    );
