/** The table of docs/security.md that answers the rules of compliance packs, and how findings are held to it. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { BedrockJobTrackerStackProps } from '../../lib/infra/props/props.ts';

interface Row {
  /** Rules of cdk-nag without the name of the pack, such as LambdaDLQ, and checks of checkov, such as CKV_AWS_116. */
  readonly rules: readonly string[];
  /** The prop that answers them; undefined where the page argues. */
  readonly prop: string | undefined;
}

export const isCheckov = (rule: string): boolean => rule.startsWith('CKV');

/** The rows of the table. */
export const readRows = (): Row[] => {
  const page = readFileSync(path.join(import.meta.dirname, '../../docs/security.md'), 'utf8');
  const [, section = ''] = page.split('\n## Compliance packs\n');
  const [table = ''] = section.split('\n## ');
  return [...table.matchAll(/^\| (`.+?) +\|(.+?)\| (.+?) +\|$/gm)].map(([, rules = '', , answer = '']) => ({
    rules: [...rules.matchAll(/`(\w+)`/g)].map(([, rule = '']) => rule),
    prop: /^Set `(\w+)`/.exec(answer)?.[1],
  }));
};

/** A tracker with everything that it can find in: a hub that tells people. */
const FULL: BedrockJobTrackerStackProps = {
  env: { account: '111122223333', region: 'us-east-1' },
  scopes: [{ accounts: ['111122223333', '444455556666'], regions: ['us-east-1', 'us-west-2'] }],
  spokeExternalId: 'bedrock-7f3a',
  notifications: { emails: ['ml-team@example.com'] },
};

/** The props that the table names, as the app's context gives them. */
const PROPS: Readonly<Record<string, BedrockJobTrackerStackProps>> = {
  encryptionKey: {
    encryptionKeyArn: 'arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab',
  },
  vpc: { vpcId: 'vpc-0a1b2c3d', subnetIds: ['subnet-0a1b2c3d'] },
  reservedConcurrentExecutions: { reservedConcurrentExecutions: 25 },
  alarmTopic: { alarmTopicArn: 'arn:aws:sns:us-east-1:111122223333:operations' },
};

/** What is looked at: the tracker as it comes and with everything, with each prop alone and with all of them. */
export const VARIANTS: Readonly<Record<string, BedrockJobTrackerStackProps>> = {
  default: {},
  full: FULL,
  ...Object.fromEntries(Object.entries(PROPS).map(([prop, given]) => [prop, { ...FULL, ...given }])),
  all: Object.assign({ ...FULL, tracing: true }, ...Object.values(PROPS)) as BedrockJobTrackerStackProps,
};

/**
 * Where findings and table differ, each a sentence.
 *
 * @param findings the rules by variant
 * @param rows those of the tool that found them
 */
export function differencesOf(findings: Readonly<Record<string, readonly string[]>>, rows: readonly Row[]): string[] {
  const found = new Set(Object.values(findings).flat());
  const answered = new Set(rows.flatMap(({ rules }) => rules));
  const withProps = rows.flatMap(({ rules, prop }) =>
    prop === undefined ? [] : rules.map((rule) => ({ rule, prop })),
  );
  return [
    ...[...found].filter((rule) => !answered.has(rule)).map((rule) => `${rule} is found and not in the table`),
    ...[...answered].filter((rule) => !found.has(rule)).map((rule) => `${rule} is in the table and not found`),
    ...withProps.flatMap(({ rule, prop }) => {
      if (!(prop in PROPS)) return [`${rule} names the prop ${prop}, which no variant sets`];
      return [prop, 'all']
        .filter((variant) => findings[variant]?.includes(rule) ?? true)
        .map((variant) => `${rule} is found although ${prop} is set (${variant})`);
    }),
  ];
}
