import { present } from '../../../lib/domain/text.ts';
import { DAY, HOUR, MINUTE } from '../../../lib/domain/time.ts';
import { SCOPES } from './records.ts';
import type { ScopeRecord } from '../../../lib/tracking/scope.ts';

const REGIONS = ['us-east-1', 'us-west-2', 'eu-west-1', 'eu-central-1', 'ap-northeast-1'];

/** What the role of an account that left says: long, as AWS's refusals are. */
const DENIED =
  'AccessDeniedException: User: arn:aws:sts::123456789012:assumed-role/BedrockJobTracker-ReconcileJobs/reconcile-jobs is ' +
  'not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::300000000007:role/bedrock-job-tracker-spoke-1a2b3c4d-us-west-2';

/** The scopes of an organization, those of the sample's jobs first: of 100 two are active, eight idle, the rest empty; some fail, are late or were released. */
export const sampleScopes = (count: number, now: number): ScopeRecord[] =>
  Array.from({ length: count }, (_, n): ScopeRecord => {
    const iso = (ago: number) => new Date(now - ago).toISOString();
    const scope =
      SCOPES[n] ?? `${300_000_000_000 + Math.floor(n / REGIONS.length)}#${REGIONS[n % REGIONS.length] ?? ''}`;
    const state = n % 100 < 2 ? 'active' : n % 100 < 10 ? 'idle' : n % 500 === 499 ? 'released' : 'empty';
    const period = { active: 5 * MINUTE, idle: HOUR, empty: DAY, released: DAY }[state];
    const sweptAgo = ((n * 7919) % 97) * (period / 97);
    const isFailing = n % 300 === 37;
    const isLate = n % 500 === 101;
    return present({
      scope,
      state,
      due_at: iso(isLate ? 3 * HOUR : isFailing ? -20 * MINUTE : sweptAgo - period),
      revision: 3,
      registered_at: iso(40 * DAY),
      heard_at: iso(state === 'released' ? 3 * DAY : (n * 31 * MINUTE) % HOUR),
      swept_at: iso(isLate ? 4 * HOUR : isFailing ? DAY : sweptAgo),
      active_jobs: state === 'active' ? 1 + (n % 3) : undefined,
      creation_told_at: state === 'active' || (state === 'idle' && n % 4 !== 0) ? iso(2 * DAY) : undefined,
      failing_since: isFailing ? iso(((n % 23) + 1) * HOUR) : undefined,
      failures: isFailing ? 9 : undefined,
      error: isFailing ? DENIED : undefined,
      released_at: state === 'released' ? iso(2 * DAY) : undefined,
    });
  });
