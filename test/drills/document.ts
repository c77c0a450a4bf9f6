import { deployedAlarms, type Rings } from './drill.ts';
import { HEALTHY_LOADS, LOADS, PAIRS, within, type Played } from './matrix.ts';
import type { Outage } from './outages.ts';

const link = (outage: Outage): string => {
  const { paragraph = '' } = deployedAlarms(outage.stack).find(({ name }) => name === outage.alarm) ?? {};
  return `[\`${outage.alarm}\`](runbook.md#${paragraph})`;
};

/** The row of an outage, with the times of the loads that were played: one where they are the same. */
export const rowOf = (outage: Outage, rings: readonly Rings[]): readonly string[] => {
  const times = new Set(rings.map((one) => within(one.get(outage.alarm)?.at)));
  const follows = Object.keys(outage.follows ?? {})
    .filter((alarm) => alarm !== outage.alarm)
    .map((alarm) => `\`${alarm}\``);
  return [outage.name, link(outage), [...times].join(' / '), follows.join(', ')];
};

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

/** docs/alarms.md as text, before Prettier has formatted it. */
export const alarmsDocument = (played: Played): string => `# Alarms by outage

Which alarm names an outage, and how soon. \`npm run test:drills -- --write\` makes this page: it plays each outage in
the simulated world for four days and evaluates the alarms of the synthesized template as CloudWatch documents it. A
test compares the page with a fresh run. The [runbook](runbook.md) says what to do, and
[ADR 0024](adr/0024-alarms-by-drill.md) why the alarms are these.

The times are upper bounds from the beginning of the outage to the alarm. An outage of events shows when the next jobs
change.

${table(
  ['outage', 'alarm', `within, with ${LOADS.join(' / ')} jobs a day`, 'also rings'],
  [...played].map(([outage, rings]) => rowOf(outage, rings)),
)}

Other alarms ring because sweeps find what events do not report (\`StateChangesMissed\`, \`CreationsMissed\`), because
events of the same jobs fail five times (\`JobEventsDeadLettersNotEmpty\`), and because full sweeps fail as active ones
do.

An outage stays hidden while another one rings all of its alarms. Of ${PAIRS.length} other pairs the second rings while the
first lasts, such as a stopped schedule while a spoke's role is gone. Without an outage no alarm rings in a month with
${HEALTHY_LOADS.slice(0, -1).join(', ')} or ${HEALTHY_LOADS.at(-1)} jobs a day, with or without a trail.

## What this rests on

The functions and their metrics are the real ones. AWS's metrics follow rules that name a page of AWS's documentation
(\`test/drills/tracker.ts\`, \`test/faults/world\`). None of it was seen on AWS. In particular nobody has shown there that
EventBridge does not retry what a queue's policy or key refuses, that Lambda counts a throttled poll of a queue as a
throttle, and that CloudWatch Logs takes no line while the key of a log group is disabled.
`;
