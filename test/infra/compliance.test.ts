import { describe, expect, it } from '@jest/globals';
import { Stack } from 'aws-cdk-lib';
import { BackupPlan, BackupResource } from 'aws-cdk-lib/aws-backup';
import { HIPAASecurityChecks, NIST80053R4Checks, NIST80053R5Checks, PCIDSS321Checks } from 'cdk-nag';
import { BedrockJobTracker } from '../../lib/infra/bedrock-job-tracker.ts';
import { BedrockJobTrackerSpoke } from '../../lib/infra/hub/spoke.ts';
import { differencesOf, isCheckov, readRows, VARIANTS } from '../compliance/rules.ts';
import { makeApp, makeStack, stubs } from './support.ts';

const PACKS = [HIPAASecurityChecks, NIST80053R4Checks, NIST80053R5Checks, PCIDSS321Checks];

/** What the packs find in a stack, as "<rule> <path>", without the name of the pack. */
const findingsOf = (stack: Stack): string[] =>
  PACKS.flatMap((Pack) =>
    new Pack()
      .validateScope(stack)
      .violations.flatMap(({ ruleName, violatingResources }) =>
        violatingResources.map(({ constructPath = '' }) => `${ruleName.replace(/^.*?-/, '')} ${constructPath}`),
      ),
  );
const rulesOf = (stack: Stack): string[] => [
  ...new Set(findingsOf(stack).map((finding) => finding.split(' ')[0] ?? '')),
];

const rows = readRows()
  .map(({ rules, prop }) => ({ prop, rules: rules.filter((rule) => !isCheckov(rule)) }))
  .filter(({ rules }) => rules.length > 0);

describe('HIPAA, NIST 800-53 and PCI DSS', () => {
  it('find what docs/security.md answers, and each prop that it names ends its finding', () => {
    const findings = Object.fromEntries(
      Object.entries(VARIANTS).map(([name, props]) => [name, rulesOf(makeStack(props))]),
    );
    const spoke = rulesOf(new BedrockJobTrackerSpoke(makeApp()));
    expect(rows.length).toBeGreaterThan(4);
    expect(differencesOf({ ...findings, spoke }, rows)).toEqual([]);
  });

  it('do look: a finding without a row, a row without a finding and a prop that does nothing are told', () => {
    const found = { full: ['LambdaDLQ', 'LambdaInsideVPC'], vpc: ['LambdaInsideVPC'], all: [] };
    const table = [
      { rules: ['LambdaInsideVPC'], prop: 'vpc' },
      { rules: ['S3Bucket'], prop: undefined },
    ];
    expect(differencesOf(found, table)).toEqual([
      'LambdaDLQ is found and not in the table',
      'S3Bucket is in the table and not found',
      'LambdaInsideVPC is found although vpc is set (vpc)',
    ]);
  });

  it("find no missing backup plan of the tables of records once they are in the app's own", () => {
    const stack = new Stack(makeApp(), 'Acme');
    const tracker = new BedrockJobTracker(stack, 'Tracker', { _codeDirectory: stubs });
    const withoutPlan = () =>
      [...new Set(findingsOf(stack))].filter((finding) => finding.startsWith('DynamoDBInBackupPlan'));
    expect(withoutPlan()).toHaveLength(3);
    BackupPlan.daily35DayRetention(stack, 'Plan').addSelection('Jobs', {
      resources: [tracker.jobsTable, tracker.modelsTable].flatMap((table) =>
        table === undefined ? [] : BackupResource.fromDynamoDbTable(table),
      ),
    });
    expect(withoutPlan()).toEqual(['DynamoDBInBackupPlan Acme/Tracker/SweepsTable/Resource']);
  });
});
