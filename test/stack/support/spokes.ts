/** Spokes in other accounts and Regions, and what the hub knows of their scopes. */
import { readFileSync } from 'node:fs';
import { GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { OUTPUT, PARAMETER, SCOPE_ITEM, SPOKE_PARAMETER } from '../../../lib/contract.ts';
import type { ScopeRecord } from '../../../lib/tracking/scope.ts';
import { awsIn, clientsOf, eventually, invoke, parameterOf, type Place } from './aws.ts';
import { putEventsBy } from './events.ts';
import { statusOf } from './template.ts';

/** An account and Region, both named. */
export type Somewhere = Required<Place>;

export const SPOKE_STACK = 'BedrockJobTrackerSpoke';
/** The organization of all accounts but one, as `serve_ministack.py` has it. */
export const ORGANIZATION = 'o-a1b2c3d4e5';
export const OUTSIDER = '999999999999';

/** Deploys the one template to an account and Region, as a StackSet does; where there is a spoke, updates it. */
export const deploySpoke = async (
  place: Somewhere,
  templateFile: string,
  parameters: Readonly<Record<string, string>>,
  { name = SPOKE_STACK, update = false } = {},
): Promise<void> => {
  const given = Object.values(SPOKE_PARAMETER)
    .filter((parameter) => parameters[parameter] !== undefined)
    .map((parameter) => ({ ParameterKey: parameter, ParameterValue: parameters[parameter] }));
  await awsIn(
    place,
    ...['cloudformation', update ? 'update-stack' : 'create-stack', '--stack-name', name],
    ...['--capabilities', 'CAPABILITY_NAMED_IAM', '--parameters', JSON.stringify(given)],
    ...['--template-body', readFileSync(templateFile, 'utf8')],
  );
  await eventually(`a spoke in ${place.account}, ${place.region}`, async () => {
    const status = await statusOf(name, place);
    if (status !== `${update ? 'UPDATE' : 'CREATE'}_COMPLETE`) throw new Error(`its status is ${status ?? 'absent'}`);
    return true;
  });
};

interface Schedule {
  readonly State: string;
  readonly Target: {
    readonly Arn: string;
    readonly Input: string;
    readonly EventBridgeParameters: { readonly Source: string; readonly DetailType: string };
  };
}

/**
 * Does what EventBridge Scheduler does every hour with the spoke's schedule. MiniStack stores the schedule, but puts an event
 * of its own in place of the one that is configured.
 */
export const sendHeartbeat = async (place: Somewhere): Promise<void> => {
  const { Schedules } = await awsIn<{ Schedules: { GroupName: string; Name: string }[] }>(
    place,
    ...['scheduler', 'list-schedules'],
  );
  const found = Schedules.find(({ Name }) => Name.includes('Heartbeat'));
  if (found === undefined) throw new Error(`No heartbeat is scheduled in ${place.account}, ${place.region}.`);
  const words = ['get-schedule', '--group-name', found.GroupName, '--name', found.Name];
  const { State, Target } = await awsIn<Schedule>(place, 'scheduler', ...words);
  if (State !== 'ENABLED') throw new Error(`The heartbeat is ${State}.`);
  const { Source, DetailType } = Target.EventBridgeParameters;
  const entry = { EventBusName: Target.Arn, Source, DetailType, Detail: Target.Input };
  await putEventsBy(clientsOf(place).events, [entry]);
};

export const scopeName = ({ account, region }: Somewhere): string => `${account}#${region}`;

/** What a hub knows, by default that of the stack. */
export const registryOf = (hub: Place = {}) => {
  const { table } = clientsOf(hub);
  const tableName = () => parameterOf(PARAMETER.sweepsTableName, hub);
  const keyOf = (place: Somewhere, sweep: string) => ({ scope: scopeName(place), sweep });
  const recordOf = async (place: Somewhere): Promise<ScopeRecord | undefined> => {
    const Key = keyOf(place, SCOPE_ITEM);
    const { Item } = await table.send(new GetCommand({ TableName: await tableName(), Key, ConsistentRead: true }));
    return Item as ScopeRecord | undefined;
  };
  return {
    /** The record of a scope once it looks like this. */
    recordWith: (place: Somewhere, isThere: (record: ScopeRecord) => boolean): Promise<ScopeRecord> =>
      eventually(`a record of ${scopeName(place)}`, async () => {
        const record = await recordOf(place);
        if (record !== undefined && !isThere(record)) throw new Error(`it is ${JSON.stringify(record)}`);
        return record;
      }),
    recordOf,
    /** Sets attributes of an item, as if time had passed. */
    set: async (place: Somewhere, sweep: string, values: Readonly<Record<string, string>>): Promise<void> => {
      const entries = Object.entries(values);
      await table.send(
        new UpdateCommand({
          TableName: await tableName(),
          Key: keyOf(place, sweep),
          UpdateExpression: `SET ${entries.map((_, n) => `#${n} = :${n}`).join(', ')} ADD revision :one`,
          ExpressionAttributeNames: Object.fromEntries(entries.map(([name], n) => [`#${n}`, name])),
          ExpressionAttributeValues: {
            ...Object.fromEntries(entries.map(([, value], n) => [`:${n}`, value])),
            ':one': 1,
          },
        }),
      );
    },
    /** What the schedule does every five minutes. Answers how many scopes are swept. */
    tick: async (): Promise<number> => {
      const name = await parameterOf(PARAMETER.reconcileJobsFunctionName, hub);
      const { sent } = (await invoke(name, { sweep: 'due' }, hub)) as { sent: number };
      return sent;
    },
  };
};

/** What a spoke takes from the hub. */
export const parametersFor = (
  outputs: Readonly<Record<string, string>>,
  externalId: string,
): Readonly<Record<string, string>> => ({ ...outputs, [SPOKE_PARAMETER.externalId]: externalId });

/** The name of the role by which the hub reads there. */
export const hubIdOf = (outputs: Readonly<Record<string, string>>): string => outputs[OUTPUT.hubId] ?? '';
