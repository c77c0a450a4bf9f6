import {
  DescribeTrailsCommand,
  GetEventSelectorsCommand,
  GetTrailStatusCommand,
  LookupEventsCommand,
  type CloudTrailClient,
  type Event,
  type GetEventSelectorsCommandOutput,
} from '@aws-sdk/client-cloudtrail';
import * as v from 'valibot';
import { parseJobArn } from '../../../domain/identity.ts';
import { pluralize } from '../../../domain/text.ts';
import { doesNotHold, holds, notChecked, some, type Check, type Finding, type Patient } from '../check.ts';
import { MOST } from '../evidence.ts';

type Selectors = Pick<GetEventSelectorsCommandOutput, 'EventSelectors' | 'AdvancedEventSelectors'>;

/** Whether a trail logs calls that change something. */
export const logsChanges = ({ EventSelectors = [], AdvancedEventSelectors = [] }: Selectors): boolean =>
  EventSelectors.some(
    ({ IncludeManagementEvents, ReadWriteType }) => IncludeManagementEvents !== false && ReadWriteType !== 'ReadOnly',
  ) ||
  AdvancedEventSelectors.some(({ FieldSelectors = [] }) => {
    const equals = (field: string) => FieldSelectors.find(({ Field }) => Field === field)?.Equals ?? [];
    return equals('eventCategory').includes('Management') && !equals('readOnly').includes('true');
  });

const lookAt = async (client: CloudTrailClient, Name: string): Promise<boolean> => {
  const { IsLogging } = await client.send(new GetTrailStatusCommand({ Name }));
  return IsLogging === true && logsChanges(await client.send(new GetEventSelectorsCommand({ TrailName: Name })));
};

const ADVICE =
  'EventBridge reports created, stopped and tagged jobs only if there is a trail; until then sweeps find them. Create a ' +
  'trail that logs management events.';

const trail = async ({ clients: { cloudTrail } }: Patient): Promise<Finding> => {
  const { trailList = [] } = await cloudTrail.send(new DescribeTrailsCommand({}));
  if (trailList.length === 0) return doesNotHold(`There is no CloudTrail trail. ${ADVICE}`);
  const looks = await Promise.allSettled(
    trailList.slice(0, MOST.trails).map(({ TrailARN = '' }) => lookAt(cloudTrail, TrailARN)),
  );
  if (looks.some((look) => look.status === 'fulfilled' && look.value)) return holds('a trail logs write events');
  const refused = looks.find((look) => look.status === 'rejected');
  // An organization's trail is not open to its members.
  if (refused !== undefined) throw refused.reason;
  return doesNotHold(`None of ${pluralize(trailList.length, 'trail')} logs management events that write. ${ADVICE}`);
};

const text = v.optional(v.nullable(v.string()));
const recordSchema = v.object({
  errorCode: text,
  requestParameters: v.optional(v.nullable(v.object({ jobIdentifier: text, jobName: text }))),
  responseElements: v.optional(v.nullable(v.object({ jobArn: text }))),
});
const JOB_NAME = /^[a-zA-Z0-9][a-zA-Z0-9+.-]{0,62}$/;

/** How a record names its job; undefined for a call that was denied. */
export const namingOf = (cloudTrailEvent: string): 'plain' | 'encoded' | 'unknown' | undefined => {
  let record: v.InferOutput<typeof recordSchema>;
  try {
    record = v.parse(recordSchema, JSON.parse(cloudTrailEvent));
  } catch {
    return 'unknown';
  }
  if (typeof record.errorCode === 'string') return undefined;
  const { requestParameters: request, responseElements: response } = record;
  const named = response?.jobArn ?? request?.jobIdentifier ?? request?.jobName ?? '';
  if (parseJobArn(named) !== undefined || JOB_NAME.test(named)) return 'plain';
  try {
    return parseJobArn(decodeURIComponent(named)) === undefined ? 'unknown' : 'encoded';
  } catch {
    return 'unknown';
  }
};

const lookUp = async (client: CloudTrailClient, EventName: string): Promise<readonly Event[]> => {
  const { Events = [] } = await client.send(
    new LookupEventsCommand({
      LookupAttributes: [{ AttributeKey: 'EventName', AttributeValue: EventName }],
      MaxResults: MOST.jobs,
    }),
  );
  return Events;
};

const records = async ({ clients: { cloudTrail } }: Patient): Promise<Finding> => {
  // One after the other: CloudTrail takes two lookups a second.
  const events = [
    ...(await lookUp(cloudTrail, 'CreateModelCustomizationJob')),
    ...(await lookUp(cloudTrail, 'StopModelCustomizationJob')),
  ];
  const named = events.flatMap((event) => {
    const naming = namingOf(event.CloudTrailEvent ?? '');
    return naming === undefined ? [] : [{ naming, id: event.EventId ?? '?' }];
  });
  if (named.length === 0) return notChecked('CloudTrail shows no created or stopped job of the last 90 days.');
  const strange = named.filter(({ naming }) => naming === 'unknown').map(({ id }) => id);
  if (strange.length > 0) {
    return doesNotHold(
      `${strange.length} of ${pluralize(named.length, 'CloudTrail record')} do not name their job in a known way (event ` +
        `${some(strange, 2)}). Their events become dead letters. Report it with --record.`,
    );
  }
  const encoded = named.filter(({ naming }) => naming === 'encoded').length;
  return holds(`${pluralize(named.length, 'record')}, ${encoded} of them with a percent-encoded ARN`);
};

/** What EventBridge hears of API calls. */
export const CLOUDTRAIL_CHECKS: readonly Check[] = [
  { id: 'trail', title: 'A CloudTrail trail logs management events', needs: 'aws', run: trail },
  { id: 'cloudtrail-records', title: 'CloudTrail records name the job of a call', needs: 'aws', run: records },
];
