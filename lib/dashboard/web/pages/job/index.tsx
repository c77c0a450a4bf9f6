import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { JobDetails } from '../../../api.ts';
import { invalidate, load } from '../../api/cache.ts';
import { useApi, useJobsChanged, useLosses } from '../../api/hooks.ts';
import { API } from '../../api/http.ts';
import { LossPanel } from '../../charts/loss-panel.tsx';
import { scopeLabel, shortModelName, statusLabel, typeLabel } from '../../logic/format.ts';
import { CopyButton } from '../../parts/controls.tsx';
import { Status } from '../../parts/job.tsx';
import { announce, Card, Page, Problem, Skeleton } from '../../parts/page.tsx';
import { Ago, Elapsed } from '../../parts/time.tsx';
import { StopButton, Tags } from './changes.tsx';
import { Commands, Configuration, HyperParameters, RawRecord } from './configuration.tsx';
import { FailureCard, TimelineCard } from './history.tsx';
import { Lineage, Siblings } from './lineage.tsx';

type Job = JobDetails['job'];

const Facts = ({ job }: { readonly job: Job }): JSX.Element => (
  <div class="job-facts">
    <Status job={job} />
    <span>
      <span class="strong">
        <Elapsed job={job} />
      </span>{' '}
      <span class="muted">{job.end_time === undefined ? 'so far' : 'in all'}</span>
    </span>
    <span title={job.base_model_arn}>{shortModelName(job.base_model_arn)}</span>
    <span>{typeLabel(job.customization_type)}</span>
    <span>{scopeLabel(job.scope)}</span>
    <span>
      created <Ago time={job.creation_time} />
    </span>
  </div>
);

/** Training that never began wrote nothing: asking would only read S3 in vain. */
const mayHaveLosses = ({ status_details }: Job): boolean =>
  status_details?.training_details?.status !== undefined && status_details.training_details.status !== 'NotStarted';

const Losses = ({ job, overlaid }: { readonly job: Job; readonly overlaid: JobDetails['siblings'] }): JSX.Element => {
  const drawn = [job, ...overlaid];
  const losses = useLosses(drawn.map((each) => each.job_arn));
  return (
    <LossPanel
      height={260}
      drawn={drawn.map((each, index) => ({
        name: each.job_name ?? each.job_arn,
        losses: losses[index] ?? { loading: true },
        ...(overlaid.length > 0 ? { letter: String.fromCharCode(65 + index) } : {}),
      }))}
    />
  );
};

const Content = ({ details }: { readonly details: JobDetails }): JSX.Element => {
  const { job, siblings } = details;
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const overlaid = chosen.flatMap((arn) => siblings.find((sibling) => sibling.job_arn === arn) ?? []);
  return (
    <>
      {job.status === 'Failed' && <FailureCard message={job.failure_message} />}
      <div class="job-columns">
        <div class="column">
          <TimelineCard job={job} />
          <Card title="Loss" id="loss">
            {mayHaveLosses(job) || overlaid.length > 0 ? (
              <Losses job={job} overlaid={overlaid} />
            ) : (
              <p class="muted">Training did not begin, so there is no loss.</p>
            )}
          </Card>
          <Siblings details={details} chosen={chosen} onChoose={setChosen} />
          <Commands job={job} />
        </div>
        <div class="column column-side">
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

/** Says what became of the job while its page is open; the first look says nothing. */
const useStatusAnnounced = (job: Job | undefined): void => {
  const before = useRef<string>(undefined);
  const status = job?.status;
  useEffect(() => {
    if (status !== undefined && before.current !== undefined && before.current !== status) {
      announce(`This job is now: ${statusLabel(status)}`);
      if (job !== undefined) invalidate((path) => path === API.loss(job.job_arn));
    }
    before.current = status;
  }, [status, job]);
};

export const JobPage = ({ jobArn }: { readonly jobArn: string }): JSX.Element => {
  const path = API.job(jobArn);
  const { value, problem, reload } = useApi<JobDetails>(path);
  useJobsChanged((changed) => {
    // The address may have the job's name or id instead.
    if (changed === 'all' || changed.includes(value?.job.job_arn ?? jobArn)) void load(path);
  });
  const job = value?.job;
  useStatusAnnounced(job);
  const name = job?.job_name ?? job?.job_arn ?? 'Job';
  return (
    <Page title={name} aside={job !== undefined && <StopButton job={job} />}>
      {job !== undefined && (
        <>
          <p class="job-arn muted">
            <code>{job.job_arn}</code>
            <CopyButton text={job.job_arn} what="the ARN" />
          </p>
          <Facts job={job} />
        </>
      )}
      {problem !== undefined && <Problem problem={problem} retry={reload} />}
      {value !== undefined ? <Content details={value} /> : problem === undefined && <Skeleton lines={10} />}
    </Page>
  );
};
