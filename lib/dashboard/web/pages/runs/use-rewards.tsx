import type { JSX } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { lastReward } from '../../../../domain/loss-curve.ts';
import type { LossCurves, RunDetails } from '../../../api.ts';
import { API, ApiProblem, getJson } from '../../api/http.ts';
import { formatCount } from '../../logic/format.ts';

/** Rewards by job; null for a job without one. They stay while another page is open: curves of ended jobs do not change. */
const known = new Map<string, number | null>();

/** Only ended reinforcement fine-tuning has a reward that stays. */
const mayHaveReward = ({ customization_type: type, end_time: end }: RunDetails): boolean =>
  type === 'REINFORCEMENT_FINE_TUNING' && end !== undefined;

/** The server is gone, or AWS throttles or does not answer: a later read may succeed. */
const PASSING: readonly number[] = [0, 429, 504];

const readReward = async (arn: string): Promise<void> => {
  try {
    known.set(arn, lastReward(await getJson<LossCurves>(API.loss(arn))) ?? null);
  } catch (error) {
    if (!(error instanceof ApiProblem && PASSING.includes(error.status))) known.set(arn, null);
  }
};

export interface Rewards {
  /** The runs with the rewards that are known. */
  readonly runs: readonly (RunDetails & { readonly reward?: number })[];
  /** Reads those of these runs, one after the other, in place of what still waits. */
  readonly read: (runs: readonly RunDetails[]) => void;
  /** How many still wait. */
  readonly waiting: number;
}

/** Rewards, which only the curve files in S3 have: a file is read for each run that shows. */
export const useRewards = (jobs: readonly RunDetails[]): Rewards => {
  const [version, setVersion] = useState(0);
  const queue = useRef<readonly string[]>([]);
  const isReading = useRef(false);
  useEffect(() => () => void (queue.current = []), []);
  const readOn = async () => {
    if (isReading.current) return;
    isReading.current = true;
    for (let next = queue.current[0]; next !== undefined; next = queue.current[0]) {
      await readReward(next);
      queue.current = queue.current.filter((arn) => arn !== next);
      setVersion((before) => before + 1);
    }
    isReading.current = false;
  };
  const runs = useMemo(
    () =>
      jobs.map((run) => {
        const reward = known.get(run.job_arn);
        return typeof reward === 'number' ? { ...run, reward } : run;
      }),
    [jobs, version],
  );
  const read = (shown: readonly RunDetails[]) => {
    queue.current = shown.flatMap((run) => (mayHaveReward(run) && !known.has(run.job_arn) ? [run.job_arn] : []));
    if (queue.current.length > 0) setVersion((before) => before + 1);
    void readOn();
  };
  return { runs, read, waiting: queue.current.length };
};

/** Of how many runs the reward is known. */
export const RewardsNote = ({ rewards: { runs, waiting } }: { readonly rewards: Rewards }): JSX.Element => {
  const possible = runs.filter(mayHaveReward);
  const values = possible.filter(({ job_arn: arn }) => typeof known.get(arn) === 'number').length;
  const unread = possible.filter(({ job_arn: arn }) => !known.has(arn)).length;
  return (
    <p class="muted small" role="status">
      {possible.length === 0
        ? 'None of these runs is an ended reinforcement fine-tuning, so none has a reward.'
        : `Rewards are read from the curve files of the rows that show: ${formatCount(values, 'run')} of ${possible.length.toLocaleString('en')} with a reward, ${unread.toLocaleString('en')} not read yet${waiting > 0 ? ` (reading ${waiting})` : ''}.`}
    </p>
  );
};
