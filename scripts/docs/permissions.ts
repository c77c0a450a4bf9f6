import { code } from './markdown.ts';
import { functionName, iamStatements, listOf, readable, resourcesOf, synthesize, type Statement } from './template.ts';

/** What the roles and services of a tracker with notifications may do, as its template says. */
export function permissions(): string {
  const template = synthesize({ notifications: {} });
  const granted = iamStatements(template).map(({ role, statement }) => ({
    holder: holderOf(role, readable(listOf(statement.Resource)[0])),
    ...statement,
  }));
  const policies = resourcesOf<QueuePolicy>(template, 'AWS::SQS::QueuePolicy');
  const delivered = policies
    .flatMap(({ PolicyDocument }) => PolicyDocument.Statement)
    .map((statement) => ({ holder: 'EventBridge rules', ...statement }));
  const holders = new Map<string, Set<string>>();
  for (const { holder, Effect, Action, Resource, Condition } of [...granted, ...delivered]) {
    if (Effect !== 'Allow') continue;
    const places = [...new Set(listOf(Resource).map((resource) => placeOf(readable(resource))))].join(', ');
    const only = JSON.stringify(Condition ?? '').includes('events:source') ? ', of its own source alone' : '';
    const grants = holders.get(holder) ?? new Set();
    holders.set(holder, grants.add(`${listOf(Action).map(code).join(', ')} on ${places}${only}`));
  }
  return [...holders].map(([holder, grants]) => `- ${holder}: ${[...grants].join('; ')}`).join('\n');
}

interface QueuePolicy {
  readonly PolicyDocument: { readonly Statement: readonly Statement[] };
}

const holderOf = (role: string, resource: string): string => {
  if (resource.endsWith('Logs.Arn>')) return 'each function';
  return role.includes('SchedulerRole') ? 'EventBridge Scheduler' : code(functionName(role.slice(1)));
};

/** The parts that are granted, in words. A grant on anything else has to be named here. */
const PLACES: readonly (readonly [RegExp, string])[] = [
  [/^<\w+Logs\.Arn>$/, 'its log group'],
  [/^.*:([a-z]+(?:-[a-z]+)+\/\*)$/, '`$1` of the account and Region'],
  [/^<Tracker(?:Jobs|Models|Sweeps)Table\.Arn>\/index\/(.+)$/, 'its index `$1`'],
  [/^<TrackerJobsTable\.StreamArn>$/, "the jobs table's stream"],
  [/^<TrackerModelsTable\.StreamArn>$/, "the models table's stream"],
  [/^<TrackerModelsTable\.Arn>$/, 'the models table'],
  [/^<TrackerJobsTable\.Arn>$/, 'the jobs table'],
  [/^<TrackerSweepsTable\.Arn>$/, 'the sweeps table'],
  [/^<TrackerJobEventsQueue\.Arn>$/, 'the queue of events'],
  [/^<Tracker\w+(?:Undelivered|Failed)Queue\.Arn>$/, 'its dead-letter queue'],
  [/^<TrackerReconcileJobsFunction\.Arn>$/, '`reconcile-jobs`'],
  [/^.*:event-bus\/default$/, 'the transitions bus'],
  [/^<TrackerNotificationsTopic>$/, 'the notification topic'],
  [/^.*:event-source-mapping:.*$/, 'the event source mappings'],
  [/^\*$/, '`*`'],
];

function placeOf(resource: string): string {
  const [pattern, words = ''] = PLACES.find(([one]) => one.test(resource)) ?? [];
  if (pattern === undefined) throw new Error(`scripts/docs/permissions.ts has no words for ${resource}`);
  return resource.replace(pattern, words);
}
