import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { isTerminal } from '../../../../domain/record.ts';
import type { JobDetails } from '../../../api.ts';
import { invalidate, load } from '../../api/cache.ts';
import { useApi, useJobsChanged } from '../../api/hooks.ts';
import { API } from '../../api/http.ts';
import { LossPanel } from '../../charts/loss-panel.tsx';
import { createdName } from '../../logic/addresses.ts';
import { statusLabel } from '../../logic/format.ts';
import { FollowButton } from '../../parts/follow.tsx';
import { nameOf } from '../../parts/job.tsx';
import { announce, Card, Page, Problem, Skeleton } from '../../parts/page.tsx';
import { Elapsed } from '../../parts/time.tsx';
import { AgainButton, NewJob } from './again.tsx';
import { StopButton, Tags } from './changes.tsx';
import { Commands, Configuration, Facts, HyperParameters, RawRecord } from './configuration.tsx';
import { FailureCard, TimelineCard } from './history.tsx';
import { Lineage, Siblings } from './lineage.tsx';

type Job = JobDetails['job'];

/** Training that has not started wrote nothing: reading S3 would be in vain. Old jobs have no status of their training. */
const mayHaveLosses = ({ status, status_details }: Job): boolean =>
  status === 'Completed' || status_details?.training_details?.status !== 'NotStarted';

const Content = ({ details }: { readonly details: JobDetails }): JSX.Element => {
  const { job, siblings } = details;
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const overlaid = chosen.flatMap((arn) => siblings.find((sibling) => sibling.job_arn === arn) ?? []);
  return (
    <>
      {job.status === 'Failed' && <FailureCard message={job.failure_message ?? 'Bedrock gave no reason.'} />}
      <div class="columns job-columns">
        <div class="column">
          <TimelineCard job={job} />
          <Card title={job.customization_type === 'REINFORCEMENT_FINE_TUNING' ? 'Rewards' : 'Loss'} id="loss">
            {mayHaveLosses(job) || overlaid.length > 0 ? (
              <LossPanel height={260} jobs={[job, ...overlaid]} />
            ) : (
              <p class="muted">
                {isTerminal(job)
                  ? 'The job ended before its training started, so it has no curve.'
                  : 'Training has not started yet, so there is no curve.'}
              </p>
            )}
          </Card>
          <Siblings details={details} chosen={chosen} onChoose={setChosen} />
          <Commands job={job} />
        </div>
        <div class="column">
          <Lineage details={details} />
          <HyperParameters job={job} />
          <Configuration job={job} />
          <Tags job={job} />
        </div>
      </div>
      <RawRecord job={job} />
    </>
  );
};

/** Announces a new status of the job while its page is open. */
const useStatusAnnounced = (job: Job | undefined): void => {
  const before = useRef<string>(undefined);
  const status = job?.status;
  useEffect(() => {
    if (job !== undefined && status !== undefined && before.current !== undefined && before.current !== status) {
      announce(`This job is now: ${statusLabel(status)}`);
      invalidate((path) => path === API.loss(job.job_arn));
    }
    before.current = status;
  }, [status, job]);
};

const Actions = ({ job }: { readonly job: Job }): JSX.Element => (
  <div class="flow">
    <FollowButton job={job} />
    <StopButton job={job} />
    <AgainButton job={job} />
  </div>
);

export const JobPage = ({ jobArn }: { readonly jobArn: string }): JSX.Element => {
  const path = API.job(jobArn);
  const { value, problem, reload } = useApi<JobDetails>(path);
  const job = value?.job;
  useJobsChanged((changed) => {
    // The address may have the job's name or id instead of its ARN.
    if (changed === 'all' || changed.includes(job?.job_arn ?? jobArn)) void load(path);
  });
  useStatusAnnounced(job);
  const created = createdName(location.search);
  const isAwaited = created !== undefined && problem?.status === 404;
  return (
    <Page
      title={job === undefined ? (created ?? 'Job') : nameOf(job)}
      aside={job !== undefined && <Actions job={job} />}
    >
      {job !== undefined && (
        <Facts arn={job.job_arn} record={job}>
          <span>
            <span class="strong">
              <Elapsed job={job} />
            </span>{' '}
            <span class="muted">{job.end_time === undefined ? 'so far' : 'in total'}</span>
          </span>
        </Facts>
      )}
      {isAwaited && <NewJob name={created} problem={problem} />}
      {problem !== undefined && !isAwaited && <Problem problem={problem} retry={reload} />}
      {value !== undefined ? <Content details={value} /> : problem === undefined && <Skeleton lines={10} />}
    </Page>
  );
};
