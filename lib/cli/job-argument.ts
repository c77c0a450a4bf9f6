import { Option, type Command } from 'commander';
import type { GetJobOptions } from '../client/requests.ts';
import { regionName } from './connection/flags.ts';
import { accountId } from './filter-flags.ts';

/** Which of several jobs of one name is meant, as commander hands it over. */
export interface JobFlags {
  readonly account?: string;
  readonly jobRegion?: string;
}

/** Adds what tells jobs of one name apart. */
export const withPlaceFlags = (command: Command): Command =>
  command
    .addOption(new Option('--account <id>', 'of a name that several accounts know').argParser(accountId))
    .addOption(new Option('--job-region <name>', 'of a name that several Regions know').argParser(regionName));

/** Adds the argument that names a job, and what tells jobs of one name apart. */
export const withJobArgument = (command: Command): Command =>
  withPlaceFlags(command.argument('<job>', 'its ARN, its name, or the 12 characters of its id'));

export const placeOf = ({ account, jobRegion }: JobFlags): Pick<GetJobOptions, 'account' | 'region'> => ({
  ...(account !== undefined && { account }),
  ...(jobRegion !== undefined && { region: jobRegion }),
});
