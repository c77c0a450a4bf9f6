import type { ComponentChildren, JSX } from 'preact';
import type { JobSummary, JobDetails } from '../../../api.ts';
import { comparePath, jobPath, jobsPath, MOST_COMPARED } from '../../logic/addresses.ts';
import { lowest } from '../../logic/compare.ts';
import { formatLoss, modelName } from '../../logic/format.ts';
import { Code } from '../../parts/controls.tsx';
import { BestIcon } from '../../parts/icons.tsx';
import { JobLink, Status, StatusIcon } from '../../parts/job.tsx';
import { Card } from '../../parts/page.tsx';
import { Ago, Elapsed } from '../../parts/time.tsx';

const Step = ({ name, children }: { readonly name: string; readonly children: ComponentChildren }): JSX.Element => (
  <li class="lineage-step">
    <span class="lineage-name">{name}</span>
    <span class="lineage-what">{children}</span>
  </li>
);

const Job = ({ job }: { readonly job: JobSummary }): JSX.Element => (
  <span class="lineage-job">
    <StatusIcon status={job.status} />
    <JobLink job={job} />
  </span>
);

/** From the data to the model, and on to what was made of it. */
export const Lineage = ({ details }: { readonly details: JobDetails }): JSX.Element => {
  const { job, parent, children } = details;
  const data =
    job.training_data_config?.s3_uri ?? job.training_data_config?.invocation_logs_config?.invocation_log_source?.s3_uri;
  return (
    <Card title="Lineage" id="lineage">
      <ol class="lineage">
        {parent !== undefined && (
          <Step name="Base model made by">
            <Job job={parent} />
          </Step>
        )}
        <Step name="Base model">
          <a
            href={jobsPath({ ...(job.base_model_arn === undefined ? {} : { baseModel: job.base_model_arn }) })}
            title="All jobs of this model"
          >
            {modelName(job.base_model_arn)}
          </a>
        </Step>
        {data !== undefined && (
          <Step name="Data">
            <Code text={data} what="the data’s location" />
          </Step>
        )}
        <Step name="This job">
          <Job job={job} />
        </Step>
        <Step name="Model">
          {job.output_model_arn === undefined ? (
            <span class="muted">
              {job.end_time === undefined ? `will be ${job.output_model_name ?? 'made'}` : 'none was made'}
            </span>
          ) : (
            <Code text={job.output_model_name ?? job.output_model_arn} what="the model’s name" />
          )}
        </Step>
        {children.length > 0 && (
          <Step name="Trained further by">
            {children.map((child) => (
              <Job key={child.job_arn} job={child} />
            ))}
          </Step>
        )}
      </ol>
    </Card>
  );
};

interface SiblingsProps {
  readonly details: JobDetails;
  readonly chosen: readonly string[];
  readonly onChoose: (chosen: readonly string[]) => void;
}

const lossOf = (job: JobSummary): number | undefined => {
  const loss = Number(job.validation_metrics?.[0]?.validation_loss ?? job.training_metrics?.training_loss ?? NaN);
  return Number.isFinite(loss) ? loss : undefined;
};

/** Other attempts on the same model and data: which was better? */
export const Siblings = ({ details, chosen, onChoose }: SiblingsProps): JSX.Element | null => {
  const { job, siblings } = details;
  if (siblings.length === 0) return null;
  const rows: readonly JobSummary[] = [job, ...siblings];
  const best = lowest(rows.map(lossOf));
  const full = chosen.length >= MOST_COMPARED - 1;
  const toggle = (arn: string) =>
    onChoose(chosen.includes(arn) ? chosen.filter((each) => each !== arn) : [...chosen, arn]);
  return (
    <Card
      title="Siblings"
      id="siblings"
      note="the same base model and training data"
      actions={
        chosen.length === 0 ? (
          <span class="muted">Select some to overlay their curves</span>
        ) : (
          <a class="button" href={comparePath([job.job_arn, ...chosen])}>
            Compare side by side
          </a>
        )
      }
    >
      <div class="scroll siblings" role="group" aria-label="Siblings" tabIndex={0}>
        <table class="table">
          <thead>
            <tr>
              <th scope="col">
                <span class="sr-only">Overlay</span>
              </th>
              <th scope="col">Job</th>
              <th scope="col">Status</th>
              <th scope="col" class="right">
                Training loss
              </th>
              <th scope="col" class="right">
                Validation loss
              </th>
              <th scope="col" class="right">
                Duration
              </th>
              <th scope="col" class="right">
                Created
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row, index) => (
              <tr key={row.job_arn} class={index === 0 ? 'sibling-this' : ''}>
                <td>
                  {index > 0 && (
                    <input
                      type="checkbox"
                      aria-label={`Overlay ${row.job_name ?? row.job_arn}`}
                      checked={chosen.includes(row.job_arn)}
                      disabled={full && !chosen.includes(row.job_arn)}
                      onChange={() => toggle(row.job_arn)}
                    />
                  )}
                </td>
                <th scope="row">
                  {index === 0 ? (
                    <>
                      {row.job_name ?? row.job_arn} <span class="badge">this job</span>
                    </>
                  ) : (
                    <a href={jobPath(row.job_arn)}>{row.job_name ?? row.job_arn}</a>
                  )}
                </th>
                <td>
                  <Status job={row} />
                </td>
                <td class="right number">{formatLoss(row.training_metrics?.training_loss)}</td>
                <td class="right number">
                  {best.includes(index) && (
                    <span class="best" title="The lowest">
                      <BestIcon />
                      <span class="sr-only">Best: </span>
                    </span>
                  )}
                  {formatLoss(row.validation_metrics?.[0]?.validation_loss)}
                </td>
                <td class="right">
                  <Elapsed job={row} />
                </td>
                <td class="right muted">
                  <Ago time={row.creation_time} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Card>
  );
};
