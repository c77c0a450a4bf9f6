import { deployedAlarms, type Rings } from './drill.ts';
import { hiddenBy, LOADS, outageOf, PAIRS, within, type Played } from './matrix.ts';
import type { Outage } from './outages.ts';

const link = (outage: Outage): string => {
  const { paragraph = '' } = deployedAlarms(outage.stack).find(({ name }) => name === outage.alarm) ?? {};
  return `[\`${outage.alarm}\`](runbook.md#${paragraph})`;
};

const alsoRings = ({ follows = {} }: Outage): string =>
  Object.entries(follows)
    .map(([alarm, why]) => `\`${alarm}\`: ${why}`)
    .join('; ');

/** The columns of an outage without those of times. */
const words = (outage: Outage): readonly string[] => [outage.name, link(outage), alsoRings(outage)];

/** The row of an outage, with one time for each load that was played. */
export const rowOf = (outage: Outage, rings: readonly Rings[]): readonly string[] => {
  const [name = '', alarm = '', also = ''] = words(outage);
  return [name, alarm, ...rings.map((one) => within(one.get(outage.alarm))), also];
};

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

const hiddenRows = (played: Played): string[][] =>
  hiddenBy(played).flatMap(([first, hidden]) =>
    hidden.length === 0 ? [] : [[first.name, hidden.map(({ name }) => name).join('; ')]],
  );

const pairRows = PAIRS.map(([first, second]) => [first, second, `\`${outageOf(second).alarm}\``]);

/** docs/alarms.md as text, before Prettier has formatted it. */
export const alarmsDocument = (played: Played): string => `# Alarms by outage

Which alarm names an outage, and how soon. Made by \`npm run test:drills -- --write\`, which plays each outage in the
simulated world and evaluates the alarms of the synthesized template as CloudWatch documents it. Do not edit it: a test
compares it with a fresh run. What to do is in the [runbook](runbook.md), and why the alarms are these in
[ADR 0024](adr/0024-alarms-by-drill.md).

## One at a time

Each outage begins while all is well and lasts for four days. The times are upper bounds from its beginning to the alarm,
for accounts with ${LOADS.join(' and with ')} jobs a day. Where a time depends on the number of jobs, the outage shows when the
next jobs change.

${table(
  ['outage', 'alarm that names it', ...LOADS.map((load) => `${load} jobs a day`), 'what else rings, and why'],
  [...played].map(([outage, rings]) => rowOf(outage, rings)),
)}

## Two at a time

While the first lasts, the alarm of the second rings:

${table(['first', 'then', 'rings'], pairRows)}

An outage shows nothing of its own while one lasts that rings all of the same alarms:

${table(['while this lasts', 'these ring nothing new'], hiddenRows(played))}

## When nothing is wrong

No alarm rings in a month with 0, 3 or 500 jobs a day, with a trail or without one.

## What this rests on

The functions are the real ones, and so are the metrics that they emit. AWS's own metrics are made by rules
(\`test/drills/tracker.ts\`, \`test/faults/world\`) that name the page they rest on. None of it was seen on AWS. In particular
nobody has shown there that EventBridge does not retry what a queue's policy or key refuses, that Lambda counts a throttled
poll of a queue as a throttle, and that CloudWatch Logs takes no line while the key of a log group is disabled.
`;
