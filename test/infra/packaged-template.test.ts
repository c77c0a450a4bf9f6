import { describe, expect, it } from '@jest/globals';
import { CONCURRENCY } from '../../lib/infra/props/validate-props.ts';
import type { JsonObject, Template } from '../../scripts/release/json.ts';
import { PARAMETERS } from '../../scripts/release/parameters.ts';
import { packagedTemplate } from '../../scripts/release/template.ts';
import { emptyFolder, stubs } from './support.ts';

// Without the periods of sweeps, whose many combinations a release tries.
const { ActiveSweepMinutes: _active, FullSweepHours: _full, ...few } = PARAMETERS;
let packaged: Template | undefined;
const template = (): Template => (packaged ??= packagedTemplate(stubs, emptyFolder(), few));

describe('the packaged template', () => {
  it('needs no bootstrapped account, and has no metadata of the CDK', () => {
    expect(JSON.stringify(template())).not.toMatch(/cdk-bootstrap|cdk-hnb659fds|CDKMetadata|aws:cdk/);
    expect(template()).not.toHaveProperty('Rules');
  });

  it('names the zipped code of each function beside it', () => {
    const functions = Object.values(template().Resources).filter(({ Type }) => Type === 'AWS::Lambda::Function');
    expect(functions.map(({ Properties }) => (Properties as JsonObject)['Code']).sort()).toEqual(
      ['notify-transition', 'publish-transitions', 'reconcile-jobs', 'track-job'].map(
        (name) => `functions/${name}.zip`,
      ),
    );
  });

  it('uses every parameter and condition that it declares', () => {
    const { Parameters = {}, Conditions = {}, ...rest } = template();
    const text = JSON.stringify(rest);
    for (const name of Object.keys(Parameters as JsonObject))
      expect(text + JSON.stringify(Conditions)).toContain(`{"Ref":"${name}"}`);
    for (const name of Object.keys(Conditions as JsonObject))
      expect(text).toMatch(new RegExp(`\\["${name}",|"Condition":"${name}"`));
  });

  it('shows every parameter of a release under a heading and a label', () => {
    const { ParameterGroups, ParameterLabels } = (template()['Metadata'] as JsonObject)[
      'AWS::CloudFormation::Interface'
    ] as { ParameterGroups: { Parameters: string[] }[]; ParameterLabels: JsonObject };
    expect(ParameterGroups.flatMap((group) => group.Parameters).sort()).toEqual(Object.keys(few).sort());
    expect(Object.keys(ParameterLabels).sort()).toEqual(Object.keys(few).sort());
  });
});

describe.each(Object.entries(PARAMETERS))('the parameter %s', (_name, { definition }) => {
  const { AllowedPattern: pattern, AllowedValues: values, Default: standard } = definition;

  it('has a default that it allows itself', () => {
    if (typeof pattern === 'string') expect(standard).toMatch(new RegExp(pattern));
    if (Array.isArray(values)) expect(values).toContain(standard);
  });

  it('refuses texts that are none of its kind, at any length', () => {
    if (typeof pattern !== 'string') return;
    for (const wrong of [' ', '${x}', '\n', 'a b', '/'.repeat(5000), `${'a'.repeat(5000)} `])
      expect(wrong).not.toMatch(new RegExp(pattern));
  });
});

it('takes the whole numbers for the concurrency that the prop takes', () => {
  const pattern = new RegExp(PARAMETERS['MaxConcurrency']?.definition['AllowedPattern'] as string);
  const [least, most] = CONCURRENCY;
  for (let number = 0; number <= 2 * most; number += 1)
    expect([number, pattern.test(String(number))]).toEqual([number, number >= least && number <= most]);
  for (const text of ['2.5', '05', '5 ', '1e2', '-5', '']) expect(text).not.toMatch(pattern);
});
