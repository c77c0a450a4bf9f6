import { InvalidArgumentError, Option, type Command } from 'commander';
import { PARAMETER_PREFIX } from '../../contract.ts';

/** Which tracker a command works with, as commander hands it over. */
export interface TrackerFlags {
  /** Region of the tracker. */
  readonly region?: string;
  /** Name of the jobs table, in place of the parameter. */
  readonly table?: string;
  readonly parameterPrefix: string;
  /** The data folder of a local run, `true` for the default one. */
  readonly local?: string | true;
}

const prefix = (text: string): string => {
  if (/^(\/[\w.-]+)+$/.test(text)) return text;
  throw new InvalidArgumentError(`It must be a path such as ${PARAMETER_PREFIX}, without a slash at its end.`);
};

const tableName = (text: string): string => {
  if (/^[\w.-]{3,255}$/.test(text)) return text;
  throw new InvalidArgumentError('It must be the name of a table: 3 to 255 of a-z, A-Z, 0-9, _ . -');
};

const regionName = (text: string): string => {
  if (/^[a-z]{2,3}(-[a-z]+)+-\d$/.test(text)) return text;
  throw new InvalidArgumentError('It must be a Region, such as us-east-1.');
};

/** Adds the options that say which tracker a command works with. */
export const withTrackerFlags = (command: Command): Command =>
  command
    .addOption(new Option('--region <name>', 'Region of the tracker (default: yours)').argParser(regionName))
    .addOption(
      new Option('--table <name>', 'the jobs table itself (default: JOBS_TABLE_NAME, or found by SSM)').argParser(
        tableName,
      ),
    )
    .addOption(
      new Option('--parameter-prefix <path>', "the tracker's prop of this name: finds it by SSM")
        .default(PARAMETER_PREFIX)
        .argParser(prefix),
    )
    .addOption(
      new Option('--local [folder]', 'the local run of this folder (default: .local)').conflicts(['region', 'table']),
    );
