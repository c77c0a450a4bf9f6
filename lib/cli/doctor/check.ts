import type { Clients, Evidence } from './evidence.ts';
import type { FoundSettings } from '../../operator/tracker-settings.ts';
import type { Connection } from '../context.ts';

export const OUTCOMES = ['holds', 'does not hold', 'could not be checked'] as const;
export type Outcome = (typeof OUTCOMES)[number];

export interface Finding {
  readonly outcome: Outcome;
  /** What was looked at, what to do, or why not, by outcome. It need not be safe to print. */
  readonly detail: string;
}

export const holds = (detail: string): Finding => ({ outcome: 'holds', detail });
export const doesNotHold = (detail: string): Finding => ({ outcome: 'does not hold', detail });
export const notChecked = (detail: string): Finding => ({ outcome: 'could not be checked', detail });

/** What checks look at. Everything that is asked of AWS is asked once. */
export interface Patient {
  readonly clients: Clients;
  readonly evidence: Evidence;
  readonly now: Date;
}

/** The same, with a tracker: deployed, or a local run. */
export interface TrackedPatient extends Patient {
  readonly tracker: Connection;
}

/** The same, with a deployed tracker that publishes its settings. */
export interface DeployedPatient extends TrackedPatient {
  readonly settings: NonNullable<FoundSettings['settings']>;
}

interface Named {
  /** Stable: documents and scripts name a check by it. */
  readonly id: string;
  /** What holds, as a sentence without its full stop. */
  readonly title: string;
}

/** A check, and what it takes: AWS alone, a tracker, or a deployed stack. */
export type Check = Named &
  (
    | { readonly needs: 'bedrock' | 'aws'; readonly run: (patient: Patient) => Promise<Finding> }
    | { readonly needs: 'tracker'; readonly run: (patient: TrackedPatient) => Promise<Finding> }
    | { readonly needs: 'deployment'; readonly run: (patient: DeployedPatient) => Promise<Finding> }
  );

/** "3 of 10 jobs" and their first few names, for a sentence. */
export const some = (names: readonly string[], most = 3): string =>
  names.length <= most ? names.join(', ') : `${names.slice(0, most).join(', ')} and ${names.length - most} more`;
