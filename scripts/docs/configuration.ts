import { CONTEXT_SETTINGS } from '../../lib/infra/props/context.ts';
import { ENV } from '../../lib/contract.ts';
import { code, table } from './markdown.ts';
import { functionName, resourcesOf, synthesize, type StackTemplate } from './template.ts';

/** What in docs/configuration.md is made from the code. */
export function configurationParts(): Record<'settings' | 'outputs' | 'parameters' | 'variables', string> {
  const full = synthesize({ ...HUB, notifications: {}, redactFailureMessages: true });
  const variants = [
    { template: synthesize(), when: 'always' },
    { template: synthesize({ notifications: {} }), when: 'with notifications' },
    { template: full, when: 'with spokes' },
  ];
  return {
    settings: settings(),
    outputs: table(['output', 'what it is', 'present'], outputs(variants)),
    parameters: table(['parameter', 'what it is'], parameters(full)),
    variables: table(['variable', 'functions'], variables(full)),
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

interface Variant {
  readonly template: StackTemplate;
  readonly when: string;
}

/** Each output once, in the stack that first has it. */
function outputs(variants: readonly Variant[]): string[][] {
  const rows = new Map<string, string[]>();
  for (const { template, when } of variants) {
    for (const [name, { Description = '' }] of Object.entries(template.Outputs)) {
      if (!rows.has(name)) rows.set(name, [code(name), Description, when]);
    }
  }
  return [...rows.values()];
}

const parameters = (template: StackTemplate): string[][] =>
  resourcesOf<{ Name: string; Description: string }>(template, 'AWS::SSM::Parameter').map(({ Name, Description }) => [
    code(Name),
    Description,
  ]);

interface FunctionProperties {
  readonly Environment: { readonly Variables: Readonly<Record<string, unknown>> };
}

function variables(template: StackTemplate): string[][] {
  const functions = resourcesOf<FunctionProperties>(template, 'AWS::Lambda::Function');
  const powertools = Object.keys(functions[0]?.Environment.Variables ?? {}).filter((name) =>
    name.startsWith('POWERTOOLS'),
  );
  return [...Object.values(ENV), ...powertools].map((name) => [
    code(name),
    functions
      .filter(({ Environment }) => name in Environment.Variables)
      .map(({ id }) => code(functionName(id)))
      .join(', '),
  ]);
}
