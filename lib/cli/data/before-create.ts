import { readEnvironment } from '../../local/options.ts';
import { checkRequest } from '../../operator/data/check-data.ts';
import { hintsOn } from '../../operator/spec/hints.ts';
import type { CreateRequest } from '../../service-model/model.ts';
import { type CommandContext, Ended, EXIT } from '../context.ts';
import { isLocalRun, type Switches, type Texts } from '../flags.ts';
import { formatCount, visible } from '../output/values.ts';
import { verdictOf, wordReport } from './report.ts';
import { type SourceFlags, sourceOf } from './source.ts';

export interface BeforeCreateFlags extends SourceFlags, Switches<'dryRun'>, Texts<'jobRegion'> {
  /** False with --no-check. */
  readonly check?: boolean;
}

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
  if (flags.check === false) return;
  const source = sourceOf(flags, context, flags.jobRegion);
  const { report, skipped } = await checkRequest(request, isLocalRun(flags, readEnvironment()), source);
  for (const sentence of skipped) terminal.tell(visible(sentence));
  if (report === undefined) return;
  const lines = report.files.reduce((sum, { records }) => sum + records, 0);
  const isClean = report.ok && report.format !== undefined && report.files.every(({ warnings }) => warnings === 0);
  if (isClean) terminal.tell(`Checked ${formatCount(lines)} lines of data: no problem was found.`);
  else [...wordReport(report), verdictOf(report)].forEach(terminal.tell);
  if (report.ok) return;
  if (flags.dryRun !== true)
    terminal.tell('Nothing was sent. Correct the data, or add --no-check to send the request as it is.');
  throw new Ended(EXIT.failed);
};
