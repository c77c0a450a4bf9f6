import { GetParameterCommand, type SSMClient } from '@aws-sdk/client-ssm';
import * as v from 'valibot';
import type { TrackerSettings } from '../contract.ts';
import { oneLine } from '../domain/text.ts';
import { sentenceOf } from './aws-errors.ts';

/** When sweeps are started, and which tags they compare. */
export type Schedules = Pick<
  TrackerSettings,
  | 'activeSweepMinutes'
  | 'idleSweepMinutes'
  | 'emptySweepMinutes'
  | 'releaseAfterHours'
  | 'fullSweepMinutes'
  | 'modelSweepMinutes'
  | 'idleAfterDays'
  | 'tagRefreshDays'
>;

/** The defaults of the construct's props. */
export const DEFAULT_SCHEDULES: Schedules = { activeSweepMinutes: 5, fullSweepMinutes: 24 * 60 };

/** The same of a hub. */
export const HUB_SCHEDULES: Schedules = { ...DEFAULT_SCHEDULES, idleSweepMinutes: 60, emptySweepMinutes: 24 * 60 };

/** What was found out about how a tracker is deployed. */
export interface FoundSettings {
  readonly schedules: Schedules;
  /** Absent where the stack publishes none, or where they could not be read. */
  readonly settings?: TrackerSettings;
  /** A sentence, where there are settings and they could not be read. */
  readonly problem?: string;
}

/** The settings of a tracker that publishes none: an older one, or one without SSM. */
export const NO_SETTINGS: FoundSettings = { schedules: DEFAULT_SCHEDULES };

/** Ten years: what is longer is not a schedule. */
const LONGEST_DAYS = 3_653;
const upTo = (most: number) => v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(most));
const minutes = upTo(LONGEST_DAYS * 24 * 60);
const text = v.pipe(v.string(), v.nonEmpty(), v.maxLength(2048));

const schema = v.object({
  version: text,
  stackName: text,
  activeSweepMinutes: minutes,
  idleSweepMinutes: v.exactOptional(minutes),
  emptySweepMinutes: v.exactOptional(minutes),
  releaseAfterHours: v.exactOptional(upTo(LONGEST_DAYS * 24)),
  fullSweepMinutes: minutes,
  modelSweepMinutes: v.exactOptional(minutes),
  idleAfterDays: v.exactOptional(upTo(LONGEST_DAYS)),
  tagRefreshDays: v.exactOptional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(99_999))),
  longRunningMinutes: minutes,
  functionNames: v.object({ trackJob: text, publishTransitions: text, notifyTransition: v.exactOptional(text) }),
  eventSourceMappings: v.object({ jobEvents: text, transitions: text, modelTransitions: v.exactOptional(text) }),
  jobEventsQueueUrl: text,
  ruleArns: v.array(text),
  scheduleGroupName: text,
  schedulesEnabled: v.exactOptional(v.boolean()),
  transitionsBusArn: text,
  notificationsTopicArn: v.exactOptional(text),
  runbookUrl: v.exactOptional(v.pipe(text, v.regex(/^https?:\/\/[!-~]+$/))),
}) satisfies v.GenericSchema<unknown, TrackerSettings>;

const problemOf = (issues: readonly [v.BaseIssue<unknown>, ...v.BaseIssue<unknown>[]]): string => {
  const path = v.getDotPath(issues[0]);
  return path === null ? 'it is not a JSON object' : `${oneLine(path, 300)} is missing or wrong`;
};

/** Reads the value of the parameter; one that another version or another program wrote gives the defaults and a sentence. */
export const parseSettings = (value: string, name: string): FoundSettings => {
  const read = v.safeParse(v.pipe(v.string(), v.parseJson(), schema), value);
  if (read.success) return { schedules: read.output, settings: read.output };
  return {
    ...NO_SETTINGS,
    problem:
      `The SSM parameter ${name} does not hold a tracker's settings (${problemOf(read.issues)}), so the default schedules ` +
      'are assumed. Deploy the tracker again, and use the command of the same version.',
  };
};

/** Reads a tracker's settings by one request. It never fails: where they cannot be read, the defaults and a sentence come back. */
export const readSettings = async (ssm: SSMClient, name: string): Promise<FoundSettings> => {
  try {
    const { Parameter } = await ssm.send(new GetParameterCommand({ Name: name }));
    return parseSettings(Parameter?.Value ?? '', name);
  } catch (error) {
    if (error instanceof Error && error.name === 'ParameterNotFound') return NO_SETTINGS;
    return {
      ...NO_SETTINGS,
      problem: `Could not read the tracker's settings, so the default schedules are assumed: ${sentenceOf(error)}`,
    };
  }
};
