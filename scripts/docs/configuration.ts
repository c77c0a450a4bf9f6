import { CONTEXT_SETTINGS } from '../../lib/infra/props/context.ts';
import { alarmRules, type AlarmName } from '../../lib/infra/operations/alarm-rules.ts';
import { THRESHOLDS } from '../../lib/infra/props/alarm-problems.ts';
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
    alarms: table(['alarm', 'threshold', 'periods'], alarms()),
    outputs: table(['output', 'what it is'], outputs(variants)),
    parameters: table(['parameter', 'what it is'], parameters(full)),
  };
}

const HUB = {
  env: { account: '111122223333', region: 'us-east-1' },
  scopes: [{ accounts: ['444455556666'] }],
  spokeExternalId: 'external-id',
};

const settings = (): string =>
  table(
    ['setting', 'what it is for', 'takes', 'default'],
    Object.entries(CONTEXT_SETTINGS).map(([key, { what, takes, default: value = '' }]) => [
      code(key),
      what,
      takes,
      value === '' || value.startsWith('(') ? value.slice(1, -1) : code(value),
    ]),
  );

/** Alarms by their prop, and the rule that each has by default. */
const alarms = (): string[][] =>
  Object.entries(alarmRules(withDefaults({}))).flatMap(([name, rule]) => {
    if (rule === undefined) return [];
    const { threshold, period, periods, breachingPeriods } = rule;
    const each = `${periods} × ${period.toHumanString()}`;
    return [
      [
        code(name),
        thresholdOf(THRESHOLDS[name as AlarmName], threshold),
        breachingPeriods === periods ? each : `${breachingPeriods} of ${each}`,
      ],
    ];
  });

const thresholdOf = (values: (typeof THRESHOLDS)[AlarmName], threshold: number): string => {
  if (typeof values === 'string') return '';
  return values.unit === undefined ? String(threshold) : `${threshold} ${values.unit}`;
};

interface Variant {
  readonly template: StackTemplate;
  readonly when: string;
}

/** Each output once, in the stack that first has it. */
function outputs(variants: readonly Variant[]): string[][] {
  const rows = new Map<string, string[]>();
  for (const { template, when } of variants) {
    for (const [name, { Description = '' }] of Object.entries(template.Outputs)) {
      if (!rows.has(name)) rows.set(name, [code(name), `${Description}${when}`]);
    }
  }
  return [...rows.values()];
}

const parameters = (template: StackTemplate): string[][] =>
  resourcesOf<{ Name: string; Description: string }>(template, 'AWS::SSM::Parameter').map(({ Name, Description }) => [
    code(Name),
    Description,
  ]);
