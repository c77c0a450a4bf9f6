import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fullDiff, ResourceImpact } from '@aws-cdk/cloudformation-diff';
import { describe, expect, it } from '@jest/globals';
import { Template } from 'aws-cdk-lib/assertions';
import { PARAMETER } from '../../lib/contract.ts';
import { BedrockJobTrackerSpoke } from '../../lib/infra/hub/spoke.ts';
import { propsFromContext, spokePropsFromContext } from '../../lib/infra/props/context.ts';
import { ASSEMBLIES, HUB_HOME, type AssemblyName } from '../../scripts/keep-release.ts';
import { assemblyFiles, readRelease, RELEASES } from '../support/releases.ts';
import {
  ANYWHERE,
  makeApp,
  makeStack,
  resourcesOf,
  toTemplate,
  type CfnResource,
  type CfnTemplate,
} from './support.ts';

// A released template beside the one of now: what CloudFormation would do with the stack of somebody who upgrades.

interface DeployableTemplate extends Omit<CfnTemplate, 'Outputs'> {
  readonly Outputs?: CfnTemplate['Outputs'];
  readonly Parameters?: Readonly<Record<string, { readonly Default?: unknown }>>;
}

const { context: flags } = JSON.parse(readFileSync(path.join(import.meta.dirname, '../../cdk.json'), 'utf8')) as {
  context: Record<string, unknown>;
};

/** The template of now, with the same context. */
const templateOfNow = (name: AssemblyName): DeployableTemplate => {
  const app = makeApp({ ...flags, ...ASSEMBLIES[name] });
  if (name === 'spoke')
    return toTemplate(Template.fromStack(new BedrockJobTrackerSpoke(app, 'Spoke', spokePropsFromContext(app.node))));
  const { jobsTableName, ...props } = propsFromContext(app.node, name === 'hub' ? HUB_HOME : ANYWHERE);
  expect(jobsTableName).toBeUndefined();
  return toTemplate(Template.fromStack(makeStack({ ...props, ...(name === 'hub' && { env: HUB_HOME }) }, app)));
};

const templateOf = (version: string, name: AssemblyName): DeployableTemplate => {
  const [, text = ''] =
    assemblyFiles(readRelease(version), name).find(([file]) => file.endsWith('.template.json')) ?? [];
  return JSON.parse(text) as DeployableTemplate;
};

/** By CloudFormation's documentation of each property, and of what refers to it. */
const LOSING: readonly ResourceImpact[] = [
  ResourceImpact.WILL_REPLACE,
  ResourceImpact.MAY_REPLACE,
  ResourceImpact.WILL_DESTROY,
  ResourceImpact.WILL_ORPHAN,
];

const lossesOf = (before: DeployableTemplate, after: DeployableTemplate): string[] => {
  const losses: string[] = [];
  fullDiff(before, after).resources.forEachDifference((_id, { changeImpact, resourceType }) => {
    if (LOSING.includes(changeImpact)) losses.push(`${changeImpact} ${resourceType}`);
  });
  return losses.sort();
};

interface TableProperties {
  readonly StreamSpecification?: object;
  readonly GlobalSecondaryIndexes?: readonly { readonly IndexName: string }[];
}
const propertiesOf = (table: CfnResource | undefined): TableProperties => table?.Properties ?? {};
const streamOf = (table: CfnResource | undefined) => propertiesOf(table).StreamSpecification;
const indexesOf = (table: CfnResource | undefined): Set<string> =>
  new Set(propertiesOf(table).GlobalSecondaryIndexes?.map(({ IndexName }) => IndexName));

/** What docs/upgrade.md says of a version: nothing that holds data. */
interface Announced {
  readonly losses: readonly string[];
  readonly outputs: readonly string[];
  /** SSM parameters that get another value. */
  readonly values: readonly string[];
}
const SCHEDULES: Announced = {
  losses: [
    'WILL_DESTROY AWS::CloudWatch::Alarm',
    'WILL_DESTROY AWS::IAM::Role',
    'WILL_DESTROY AWS::Scheduler::Schedule',
    'WILL_DESTROY AWS::Scheduler::Schedule',
    'WILL_DESTROY AWS::Scheduler::ScheduleGroup',
  ],
  outputs: ['ScheduleGroupName'],
  values: [PARAMETER.settings],
};
const NOTHING: Announced = { losses: [], outputs: [], values: [PARAMETER.settings] };
const ANNOUNCED: Readonly<Record<string, Announced | undefined>> = {
  '0.1.0 tracker': SCHEDULES,
  // The readers of a hub find its scopes in the sweeps table.
  '0.1.0 hub': { ...SCHEDULES, values: [...SCHEDULES.values, PARAMETER.trackedScopes] },
};

const CASES = RELEASES.flatMap((version) =>
  (Object.keys(ASSEMBLIES) as AssemblyName[]).map((name) => [version, name] as const),
);

describe.each(CASES)('an update of %s, the %s', (version, name) => {
  const [before, after] = [templateOf(version, name), templateOfNow(name)];
  const announced = ANNOUNCED[`${version} ${name}`] ?? NOTHING;

  it('replaces and deletes nothing but what the page announces', () => {
    expect(lossesOf(before, after)).toEqual(announced.losses);
  });

  it('keeps the policies and streams of tables, and changes one index of a table at most', () => {
    for (const [id, table] of resourcesOf(before, 'AWS::DynamoDB::Table')) {
      const now = after.Resources[id];
      expect(now).toMatchObject({
        DeletionPolicy: table.DeletionPolicy,
        UpdateReplacePolicy: table.UpdateReplacePolicy,
      });
      expect(streamOf(now)).toEqual(streamOf(table));
      // DynamoDB creates or deletes one index in one update.
      expect(indexesOf(now).symmetricDifference(indexesOf(table)).size).toBeLessThanOrEqual(1);
    }
  });

  it('keeps outputs, SSM parameters and parameters of the template', () => {
    const kept = Object.entries(before.Outputs ?? {})
      .filter(([output]) => !announced.outputs.includes(output))
      .map(([output, { Value }]) => [output, { Value }] as const);
    expect(after.Outputs ?? {}).toMatchObject(Object.fromEntries(kept));
    for (const [id, { Properties }] of resourcesOf(before, 'AWS::SSM::Parameter')) {
      const { Name, Value } = Properties as { Name: string; Value: unknown };
      const now = after.Resources[id]?.Properties;
      expect(now).toMatchObject(announced.values.includes(Name) ? { Name } : { Name, Value });
    }
    const added = Object.entries(after.Parameters ?? {}).filter(([each]) => before.Parameters?.[each] === undefined);
    for (const [, parameter] of added) expect(parameter).toHaveProperty('Default');
    expect(Object.keys(after.Parameters ?? {})).toEqual(expect.arrayContaining(Object.keys(before.Parameters ?? {})));
  });
});

describe('the test itself', () => {
  it('sees that a table gets another key, and that what reads its stream is replaced with it', () => {
    const before = templateOf(RELEASES[0] ?? '', 'tracker');
    const after = structuredClone(before);
    const [, table] = resourcesOf(after, 'AWS::DynamoDB::Table')[0] ?? [];
    Object.assign(table?.Properties ?? {}, { KeySchema: [{ AttributeName: 'job_id', KeyType: 'HASH' }] });
    expect(lossesOf(before, after)).toEqual([
      'WILL_REPLACE AWS::DynamoDB::Table',
      'WILL_REPLACE AWS::Lambda::EventSourceMapping',
    ]);
  });
});
