import { InvokeCommand } from '@aws-sdk/client-lambda';
import * as v from 'valibot';
import pMap from 'p-map';
import { PARAMETER, type ReconcileRequest, type SweepKind, SWEEPS } from '../../contract.ts';
import { formatScope, type Scope } from '../../domain/identity.ts';
import { TrackerError } from '../../domain/errors.ts';
import { asSentence, oneLine } from '../../domain/text.ts';
import type { SweptScope } from '../../tracking/reconcile-report.ts';
import type { CommandContext, Connection } from '../context.ts';
import { visible, visibleLines } from '../output/values.ts';

const counts = v.object({
  listed: v.number(),
  drifted: v.number(),
  corrected: v.number(),
  missing: v.number(),
  failed: v.number(),
});
/** What the function swept, or how many messages it sent: a hub sweeps each scope by one. */
const answer = v.union([
  v.array(v.object({ scope: v.string(), sweep: v.picklist(SWEEPS), finished: v.boolean(), counts })),
  v.object({ sent: v.number() }),
]) satisfies v.GenericSchema<unknown, readonly SweptScope[] | { readonly sent: number }>;
const failure = v.object({ errorType: v.optional(v.string()), errorMessage: v.optional(v.string()) });

const parse = <Output>(text: string, schema: v.GenericSchema<unknown, Output>) =>
  v.safeParse(v.pipe(v.string(), v.parseJson(), schema), text);

const failed = (text: string): TrackerError => new TrackerError('SWEEP_INCOMPLETE', text);

/** The name of a function's log group is CloudFormation's or the app's, so only the function tells it. */
const seeLog = (name: string): string =>
  'See its log: aws logs tail "$(aws lambda get-function-configuration --output text --query LoggingConfig.LogGroup ' +
  `--function-name ${name})" --since 20m`;

/** Characters of a message: more than any run has to say. */
const LONGEST = 20_000;
const LONGEST_LINE = 300;

/** What the function's error says, by https://docs.aws.amazon.com/lambda/latest/dg/nodejs-exceptions.html */
const failureOf = (payload: string, name: string): TrackerError => {
  const read = parse(payload, failure);
  const { errorType = '', errorMessage = '' } = read.success ? read.output : {};
  const log = seeLog(name);
  if (/timed out/i.test(errorMessage) || errorType === 'Sandbox.Timedout')
    return failed(
      `The function ${name} timed out (${oneLine(errorMessage, LONGEST_LINE)}). Sweep again to continue. ${log}`,
    );
  // It names each scope and job that could not be swept.
  if (errorType === 'TrackerError' && errorMessage !== '')
    return failed(visibleLines(errorMessage.slice(0, LONGEST).replaceAll(' | ', '\n')).join('\n'));
  const what = oneLine([errorType, errorMessage].filter((text) => text !== '').join(': ') || payload, LONGEST_LINE);
  return failed(`The function ${name} failed: ${asSentence(what)} ${log}`);
};

const invoke = async (
  { signal }: CommandContext,
  connection: Connection,
  FunctionName: string,
  request: ReconcileRequest,
): Promise<v.InferOutput<typeof answer>> => {
  const { FunctionError, Payload } = await connection
    .lambda()
    .send(new InvokeCommand({ FunctionName, InvocationType: 'RequestResponse', Payload: JSON.stringify(request) }), {
      abortSignal: signal,
    })
    .catch((error: unknown) => {
      signal.throwIfAborted();
      throw error;
    });
  const payload = Payload?.transformToString() ?? '';
  if (FunctionError !== undefined) throw failureOf(payload, visible(FunctionName));
  const read = parse(payload, answer);
  if (read.success) return read.output;
  throw failed(
    `The function ${visible(FunctionName)} answered something that is not a report (${oneLine(payload, LONGEST_LINE)}). Does it have another version?`,
  );
};

/**
 * Runs the deployed function, which reaches the scopes of other accounts too, and waits for its end: once, or for each of
 * these scopes. A hub only starts the sweeps.
 *
 * @throws TrackerError SWEEP_INCOMPLETE with what the function says
 */
export const sweepDeployed = async (
  context: CommandContext,
  connection: Connection,
  sweep: SweepKind,
  scopes: readonly Scope[] | undefined,
): Promise<{ readonly swept: readonly SweptScope[]; readonly sent: number }> => {
  const name = await connection.parameter(PARAMETER.reconcileJobsFunctionName);
  context.terminal.tell(
    `Running ${visible(name)}, which may take up to 15 minutes. Ctrl-C stops waiting, not the sweep.`,
  );
  const requests = scopes?.map((scope) => ({ sweep, scope: formatScope(scope) })) ?? [{ sweep }];
  const answers = await pMap(requests, (request) => invoke(context, connection, name, request), { concurrency: 4 });
  return {
    swept: answers.flatMap((each) => ('sent' in each ? [] : each)),
    sent: answers.reduce((sum, each) => sum + ('sent' in each ? each.sent : 0), 0),
  };
};
