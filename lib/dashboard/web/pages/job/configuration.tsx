import type { ComponentChildren, JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { JobRecord } from '../../../../domain/record.ts';
import { cliCommands } from '../../logic/cli-commands.ts';
import { ABSENT, utcTime } from '../../logic/format.ts';
import { Code, CopyButton } from '../../parts/controls.tsx';
import { Card } from '../../parts/page.tsx';

const Entry = ({ name, children }: { readonly name: string; readonly children: ComponentChildren }): JSX.Element => (
  <div class="entry">
    <dt>{name}</dt>
    <dd>{children}</dd>
  </div>
);

interface CodeEntryProps {
  readonly name: string;
  readonly values: readonly (string | undefined)[];
}

const CodeEntry = ({ name, values }: CodeEntryProps): JSX.Element | null => {
  const present = values.filter((value): value is string => value !== undefined && value !== '');
  if (present.length === 0) return null;
  return (
    <Entry name={name}>
      {present.map((value) => (
        <Code key={value} text={value} what={name} />
      ))}
    </Entry>
  );
};

const JsonEntry = ({ name, value }: { readonly name: string; readonly value: unknown }): JSX.Element | null =>
  value === undefined ? null : (
    <Entry name={name}>
      <code class="wrap">{JSON.stringify(value)}</code>
    </Entry>
  );

/** How the job was set up. */
export const Configuration = ({ job }: { readonly job: JobRecord }): JSX.Element => {
  const logs = job.training_data_config?.invocation_logs_config;
  const distillation = job.customization_config?.distillation_config?.teacher_model_config;
  return (
    <Card title="Configuration" id="configuration">
      <dl class="entries">
        <CodeEntry name="Base model" values={[job.base_model_arn]} />
        <CodeEntry name="Teacher model" values={[distillation?.teacher_model_identifier]} />
        <CodeEntry
          name="Grader"
          values={[job.customization_config?.rft_config?.grader_config?.lambda_grader?.lambda_arn]}
        />
        <CodeEntry name="Training data" values={[job.training_data_config?.s3_uri]} />
        <CodeEntry name="Invocation logs" values={[logs?.invocation_log_source?.s3_uri]} />
        <JsonEntry name="Of requests with" value={logs?.request_metadata_filters} />
        <CodeEntry
          name="Validation data"
          values={job.validation_data_config?.validators?.map(({ s3_uri }) => s3_uri) ?? []}
        />
        <CodeEntry name="Output" values={[job.output_data_config?.s3_uri]} />
        <CodeEntry name="Output model" values={[job.output_model_arn ?? job.output_model_name]} />
        <CodeEntry name="Role" values={[job.role_arn]} />
        <CodeEntry name="KMS key" values={[job.output_model_kms_key_arn]} />
        <CodeEntry name="Subnets" values={job.vpc_config?.subnet_ids ?? []} />
        <CodeEntry name="Security groups" values={job.vpc_config?.security_group_ids ?? []} />
        {job.creation_time !== undefined && <Entry name="Created">{utcTime(job.creation_time)}</Entry>}
        {job.end_time !== undefined && <Entry name="Ended">{utcTime(job.end_time)}</Entry>}
      </dl>
    </Card>
  );
};

/** What the training was told, in the words of whoever created the job. */
export const HyperParameters = ({ job }: { readonly job: JobRecord }): JSX.Element | null => {
  const all: readonly [name: string, value: string | number | null][] = Object.entries({
    ...job.hyper_parameters,
    ...job.customization_config?.rft_config?.hyper_parameters,
  });
  if (all.length === 0) return null;
  return (
    <Card title="Hyperparameters" id="hyperparameters">
      <dl class="entries entries-inline">
        {all.map(([name, value]) => (
          <div key={name} class="entry">
            <dt>
              <code>{name}</code>
            </dt>
            <dd class="number">
              <code>{value === null ? ABSENT : String(value)}</code>
            </dd>
          </div>
        ))}
      </dl>
    </Card>
  );
};

/** The same by hand: commands to copy. */
export const Commands = ({ job }: { readonly job: JobRecord }): JSX.Element => (
  <Card title="AWS CLI" id="commands">
    <ul class="commands">
      {cliCommands(job).map(({ label, command }) => (
        <li key={label}>
          <span class="command-label">{label}</span>
          <span class="command">
            <code title={command}>{command}</code>
            <CopyButton text={command} what={`the command: ${label}`} />
          </span>
        </li>
      ))}
    </ul>
  </Card>
);

/** The item of the table as it is. */
export const RawRecord = ({ job }: { readonly job: JobRecord }): JSX.Element => {
  const [open, setOpen] = useState(false);
  const json = open ? JSON.stringify(job, null, 2) : '';
  return (
    <details class="card raw" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <h2>Record</h2> <span class="muted">revision {job.revision}, as JSON</span>
      </summary>
      {open && (
        <div class="raw-json">
          <CopyButton text={json} what="the record" />
          <pre tabIndex={0} aria-label="The record as JSON">
            {json}
          </pre>
        </div>
      )}
    </details>
  );
};
