import { CONTEXT_SETTINGS } from '../../lib/infra/props/context.ts';
import { alarmRules, thresholdOf, type AlarmName, type Values } from '../../lib/infra/operations/alarm-rules.ts';
import { withDefaults } from '../../lib/infra/props/validate-props.ts';
import { code, table } from './markdown.ts';
import { resourcesOf, synthesize, type StackTemplate } from './template.ts';

/** What in docs/configuration.md is made from the code. */
export function configurationParts(): Record<'settings' | 'alarms' | 'outputs' | 'parameters', string> {
  const full = synthesize({ ...HUB, notifications: {} });
  const variants = [
    { template: synthesize(), when: '' },
    { template: synthesize({ notifications: {} }), when: ' (with notifications)' },
    { template: full, when: ' (with spokes)' },
  ];
  return {
    settings: settings(),
    alarms: table(['threshold', 'periods', 'alarms'], alarms()),
    outputs: listOf(outputs(variants)),
    parameters: listOf(parameters(full)),
  };
}

const listOf = (rows: readonly (readonly [name: string, what: string])[]): string =>
  rows.map(([name, what]) => `- ${code(name)}: ${what}`).join('\n');

const HUB = {
  env: { account: '111122223333', region: 'us-east-1' },
  scopes: [{ accounts: ['444455556666'] }],
  spokeExternalId: 'external-id',
};

/** What a setting takes, where its name or its default tells it. */
const IS_CLEAR =
  /^(an? (whole number|ARN|text|name|path|number)|(account )?ids? |(the id|ids|the name|names) of |true or false|e-mail|statuses)/;

const settings = (): string =>
  Object.entries(CONTEXT_SETTINGS)
    .map(([key, { what, takes, default: value = '' }]) => {
      const usual = value === '' || value.startsWith('(') ? value : ` (${code(value)})`;
      const form = IS_CLEAR.test(takes) ? '' : `: ${takes.replace(', separated by commas', '')}`;
      return `- ${code(key)}${usual.replace(/^\(/, ' (')}: ${what}${form}`;
    })
    .join('\n');

/** The rules that alarms have by default, with the props of these alarms. */
const alarms = (): string[][] => {
  const rules = Object.entries(alarmRules(withDefaults({}))).flatMap(([name, rule]) => {
    if (rule === undefined) return [];
    const { threshold, period, periods, breachingPeriods } = rule;
    const each = `${periods} × ${period.toHumanString()}`;
    const when = breachingPeriods === periods ? each : `${breachingPeriods} of ${each}`;
    return [{ name, rule: [shown(thresholdOf(name as AlarmName), threshold), when] }];
  });
  return [...Map.groupBy(rules, ({ rule }) => rule.join()).values()].map((same) => [
    ...(same[0]?.rule ?? []),
    same.map(({ name }) => code(name)).join(', '),
  ]);
};

const shown = (values: Values | string, threshold: number): string => {
  if (typeof values === 'string') return '';
  return values.unit === undefined ? String(threshold) : `${threshold} ${values.unit}`;
};

interface Variant {
  readonly template: StackTemplate;
  readonly when: string;
}

/** Each output once, in the stack that first has it. */
function outputs(variants: readonly Variant[]): [string, string][] {
  const rows = new Map<string, string>();
  for (const { template, when } of variants) {
    for (const [name, { Description = '' }] of Object.entries(template.Outputs)) {
      if (!rows.has(name)) rows.set(name, `${Description}${when}`);
    }
  }
  return [...rows];
}

const parameters = (template: StackTemplate): [string, string][] =>
  resourcesOf<{ Name: string; Description: string }>(template, 'AWS::SSM::Parameter').map(({ Name, Description }) => [
    Name,
    Description,
  ]);
