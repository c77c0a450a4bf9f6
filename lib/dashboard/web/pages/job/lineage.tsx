import type { ComponentChildren, JSX } from 'preact';
import { modelUse } from '../../../../domain/idle.ts';
import type { MetricNumber } from '../../../../domain/record.ts';
import { bestRuns, runColumn, trainingDataOf } from '../../../../domain/run.ts';
import type { JobDetails, JobSummary, ModelDetails, Sibling } from '../../../api.ts';
import { comparePath, jobsPath, MOST_COMPARED } from '../../logic/addresses.ts';
import { formatLoss, modelName } from '../../logic/format.ts';
import { Best, Code, CopyButton, Table } from '../../parts/controls.tsx';
import { dataPath } from '../runs/view.ts';
import { JobLink, nameOf, Status, StatusIcon } from '../../parts/job.tsx';
import { ModelLink, ServedBy, useRules } from '../../parts/model.tsx';
import { Card } from '../../parts/page.tsx';
import { Ago, Elapsed } from '../../parts/time.tsx';

const Step = ({ name, children }: { readonly name: string; readonly children: ComponentChildren }): JSX.Element => (
  <li class="stack lineage-step">
    <span class="muted small">{name}</span>
    <span class="stack lineage-what">{children}</span>
  </li>
);

const Job = ({ job }: { readonly job: JobSummary }): JSX.Element => (
  <span class="row lineage-job">
    <StatusIcon status={job.status} />
    <JobLink job={job} />
  </span>
);

/** From the base model and the data to the model, what serves it, and the jobs that started from it. */
export const Lineage = ({ details }: { readonly details: JobDetails | ModelDetails }): JSX.Element => {
  const { job, parent, children, model } = details;
  const rules = useRules();
  const isOfJob = 'siblings' in details;
  const { base_model_arn: base } = job ?? model ?? {};
  const data = trainingDataOf(job ?? model ?? {});
  return (
    <Card title="Lineage" id="lineage">
      <ol>
        {parent !== undefined && (
          <Step name="Base model made by">
            <Job job={parent} />
          </Step>
        )}
        <Step name="Base model">
          <a href={jobsPath(base === undefined ? {} : { baseModel: base })} title="All jobs of this model">
            {modelName(base)}
          </a>
        </Step>
        {data !== undefined && (
          <Step name="Data">
            <span class="code">
              <a class="wrap" href={dataPath(data)} title="Runs and models of this data set">
                <code>{data}</code>
              </a>
              <CopyButton text={data} what="the data’s location" />
            </span>
          </Step>
        )}
        <Step name={isOfJob ? 'This job' : 'Job'}>
          {job !== undefined ? (
            <Job job={job} />
          ) : (
            <span class="muted wrap">{model?.job_arn ?? 'none: imported, copied or created from files'}</span>
          )}
        </Step>
        <Step name={isOfJob ? 'Model' : 'This model'}>
          {model !== undefined ? (
            <span class="row lineage-job">
              <ModelLink model={model} />
            </span>
          ) : job?.output_model_arn !== undefined ? (
            <Code text={job.output_model_name ?? job.output_model_arn} what="the model’s name" />
          ) : (
            <span class="muted">
              {job?.end_time === undefined ? (job?.output_model_name ?? 'not yet made') : 'none'}
            </span>
          )}
        </Step>
        {model !== undefined && (
          <Step name="Served by">
            <ServedBy serving={modelUse(model, rules).serving} />
          </Step>
        )}
        {'modelProblem' in details && (
          <Step name="Served by">
            <span class="muted wrap">Could not be read: {details.modelProblem}</span>
          </Step>
        )}
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

const LOSSES = ['training_loss', 'validation_loss'].flatMap((name) => runColumn(name) ?? []);

/** Other attempts on the same model and data, to compare with. */
export const Siblings = ({ details, chosen, onChoose }: SiblingsProps): JSX.Element | null => {
  const { job, siblings } = details;
  if (siblings.length === 0) return null;
  const rows: readonly Sibling[] = [job, ...siblings];
  const best = LOSSES.map((column) => bestRuns(column, rows));
  const isFull = chosen.length >= MOST_COMPARED - 1;
  const toggle = (arn: string) =>
    onChoose(chosen.includes(arn) ? chosen.filter((each) => each !== arn) : [...chosen, arn]);
  const actions =
    chosen.length === 0 ? (
      <span class="muted">Select jobs to overlay their curves</span>
    ) : (
      <a class="button" href={comparePath([job.job_arn, ...chosen])}>
        Compare side by side
      </a>
    );
  return (
    <Card title="Siblings" id="siblings" note="same base model and training data" actions={actions}>
      <Table
        label="Siblings"
        class="siblings"
        columns={[
          ['Overlay', 'sr-only'],
          'Job',
          'Status',
          ['Training loss', 'right'],
          ['Validation loss', 'right'],
          ['Duration', 'right'],
          ['Created', 'right'],
        ]}
      >
        {rows.map((row, index) => (
          <tr key={row.job_arn} class={index === 0 ? 'sibling-this' : ''}>
            <td>
              {index > 0 && (
                <input
                  type="checkbox"
                  aria-label={`Overlay ${nameOf(row)}`}
                  checked={chosen.includes(row.job_arn)}
                  disabled={isFull && !chosen.includes(row.job_arn)}
                  onChange={() => toggle(row.job_arn)}
                />
              )}
            </td>
            <th scope="row">
              {index > 0 ? (
                <JobLink job={row} />
              ) : (
                <>
                  {nameOf(row)} <span class="badge">this job</span>
                </>
              )}
            </th>
            <td>
              <Status job={row} />
            </td>
            {LOSSES.map(({ valueOf }, column) => (
              <td key={column} class="right number">
                {best[column]?.includes(row) && <Best />}
                {formatLoss(valueOf(row) as MetricNumber | undefined)}
              </td>
            ))}
            <td class="right">
              <Elapsed job={row} />
            </td>
            <td class="right muted">
              <Ago time={row.creation_time} />
            </td>
          </tr>
        ))}
      </Table>
    </Card>
  );
};
