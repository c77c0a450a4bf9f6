import { setTimeout as sleep } from 'node:timers/promises';
import { explain } from '../../operator/aws-errors.ts';
import type { FoundSettings } from '../../operator/tracker-settings.ts';
import { TrackerError } from '../../domain/errors.ts';
import type { Connection, Terminal } from '../context.ts';
import { type Check, doesNotHold, type Finding, notChecked, type Outcome, type Patient } from './check.ts';
import { BEDROCK_CHECKS, OUTPUT_CHECKS } from './checks/bedrock.ts';
import { CLOUDTRAIL_CHECKS } from './checks/cloudtrail.ts';
import { DEPLOYMENT_CHECKS } from './checks/deployment.ts';
import { TRACKER_CHECKS } from './checks/tracker.ts';
import { type Palette, paletteOf } from '../output/values.ts';
import { formatFacts } from '../output/table.ts';
import { asSentence } from '../../domain/text.ts';

/** All checks, in the order in which they are told. */
export const CHECKS: readonly Check[] = [
  ...BEDROCK_CHECKS,
  ...OUTPUT_CHECKS,
  ...CLOUDTRAIL_CHECKS,
  ...TRACKER_CHECKS,
  ...DEPLOYMENT_CHECKS,
];

/** The tracker of the account, or why there is none. */
export interface FoundTracker {
  readonly connection?: Connection;
  readonly settings: FoundSettings;
}

export interface Examined extends Finding {
  readonly id: string;
  readonly title: string;
}

/** More than the requests of one check take, were each of them tried four times. */
const LIMIT_MS = 90_000;

const NO_TRACKER = 'No tracker was found here.';
const LOCAL = 'This is a local run.';
const NO_SETTINGS = 'The stack publishes no settings: deploy this version.';

const run = (check: Check, patient: Patient, { connection, settings: found }: FoundTracker): Promise<Finding> => {
  if (check.needs === 'bedrock') return check.run(patient);
  if (check.needs === 'aws')
    return connection?.isLocal === true ? Promise.resolve(notChecked(LOCAL)) : check.run(patient);
  if (connection === undefined) return Promise.resolve(notChecked(NO_TRACKER));
  const tracked = { ...patient, tracker: connection };
  if (check.needs === 'tracker') return check.run(tracked);
  if (connection.isLocal) return Promise.resolve(notChecked(LOCAL));
  const { settings, problem = NO_SETTINGS } = found;
  return settings === undefined ? Promise.resolve(notChecked(problem)) : check.run({ ...tracked, settings });
};

/** A part of the deployment that AWS does not know is a finding about the deployment; any other error is one about the asking. */
const fromError = (check: Check, thrown: unknown): Finding => {
  const error = explain(thrown);
  // Without credentials nothing can be checked, and the command says so once.
  if (error instanceof TrackerError && error.code === 'NO_CREDENTIALS') throw error;
  const sentence = error instanceof Error ? error.message : String(error);
  const isMissing = thrown instanceof Error && /NotFound|DoesNotExist|NonExistent/.test(thrown.name);
  return check.needs === 'deployment' && isMissing ? doesNotHold(sentence) : notChecked(sentence);
};

const examineOne = async (check: Check, patient: Patient, tracker: FoundTracker, ms: number): Promise<Examined> => {
  const { id, title } = check;
  const timer = new AbortController();
  const limit = sleep(ms, notChecked(`AWS did not answer within ${Math.round(ms / 1000)} seconds.`), {
    signal: timer.signal,
  }).catch(() => notChecked('It was ended.'));
  try {
    const finding = run(check, patient, tracker).catch((error: unknown) => fromError(check, error));
    return { id, title, ...(await Promise.race([finding, limit])) };
  } finally {
    timer.abort();
  }
};

/** Runs all checks side by side. One that fails or hangs is told, and the others go on. */
export const examine = (
  patient: Patient,
  tracker: FoundTracker,
  checks: readonly Check[] = CHECKS,
  ms: number = LIMIT_MS,
): Promise<readonly Examined[]> => Promise.all(checks.map((check) => examineOne(check, patient, tracker, ms)));

const PAINT = {
  holds: 'green',
  'does not hold': 'red',
  'could not be checked': 'yellow',
} as const satisfies Record<Outcome, keyof Palette>;

/** A line for each check: its outcome, what holds, and what was looked at, what to do, or why not. */
export const formatFindings = (
  findings: readonly Examined[],
  terminal: Pick<Terminal, 'columns' | 'colour'>,
): string[] => {
  const palette = paletteOf(terminal);
  const lineOf = ({ outcome, title, detail }: Examined) => ({
    label: outcome,
    value: outcome === 'holds' ? `${title}: ${asSentence(detail)}` : `${title}: ${detail}`,
    ...(outcome !== 'holds' && { paint: palette[PAINT[outcome]] }),
  });
  return formatFacts(findings.map(lineOf), terminal);
};

/** "19 hold, 1 does not hold, 3 could not be checked." */
export const summaryOf = (findings: readonly Examined[]): string => {
  const count = (outcome: Outcome) => findings.filter((finding) => finding.outcome === outcome).length;
  const [good, bad, open] = [count('holds'), count('does not hold'), count('could not be checked')];
  return `${good} ${good === 1 ? 'holds' : 'hold'}, ${bad} ${bad === 1 ? 'does' : 'do'} not hold, ${open} could not be checked.`;
};
