import { CloudWatchClient, GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { formatScope, type Scope } from '../../../lib/domain/identity.ts';
import type { WorldBedrock } from './bedrock.ts';
import type { Invocation, Machine, Refusal } from './invocation.ts';

const denied = () =>
  Object.assign(new Error('not authorized to perform: cloudwatch:GetMetricData'), { name: 'AccessDeniedException' });

const secondsOf = (time: Date | undefined): number => (time?.getTime() ?? 0) / 1000;

interface Answer {
  readonly MetricDataResults: readonly { readonly Timestamps: readonly number[] }[];
}

/** The SDK's client of CloudWatch in one scope, as one invocation holds it: what it sends is answered by the simulator. */
export const cloudWatchClient = (
  bedrock: WorldBedrock,
  { faults, outages }: Pick<Machine, 'faults' | 'outages'>,
  { scope, invocation }: { readonly scope: Scope; readonly invocation: Invocation },
): CloudWatchClient => {
  const answer = ({ input }: GetMetricDataCommand): object => {
    const body = { ...input, StartTime: secondsOf(input.StartTime), EndTime: secondsOf(input.EndTime) };
    const answered = bedrock.call('GetMetricData', scope, { body }, faults.random('simulator')) as Answer | undefined;
    if (answered === undefined) throw new Error('CloudWatch refuses what the tracker asks.');
    const MetricDataResults = answered.MetricDataResults.map(({ Timestamps, ...result }) => ({
      ...result,
      Timestamps: Timestamps.map((seconds) => new Date(seconds * 1000)),
    }));
    return { ...answered, MetricDataResults };
  };
  const send = (command: unknown): Promise<object> => {
    if (!(command instanceof GetMetricDataCommand)) throw new Error('The world knows no such command of CloudWatch.');
    const isDenied = outages.deniedUse.has(formatScope(scope));
    const refusal: Refusal | undefined = isDenied ? { when: 'before', error: denied() } : undefined;
    return invocation.request({ call: 'GetMetricData', refusal, effect: () => answer(command) });
  };
  return Object.assign(Object.create(CloudWatchClient.prototype) as CloudWatchClient, { send });
};
