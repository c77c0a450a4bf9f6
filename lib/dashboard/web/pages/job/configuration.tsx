import type { ComponentChildren, JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { JobRecord } from '../../../../domain/record.ts';
import { useSession } from '../../api/hooks.ts';
import { cliCommands } from '../../logic/cli-commands.ts';
import { SETUP } from '../../logic/compare.ts';
import { ABSENT } from '../../logic/format.ts';
import { Code, CopyButton } from '../../parts/controls.tsx';
import { Card } from '../../parts/page.tsx';
import { Utc } from '../../parts/time.tsx';

type JobProps = { readonly job: JobRecord };

const Entry = ({ name, children }: { readonly name: string; readonly children: ComponentChildren }): JSX.Element => (
  <div class="entry">
    <dt>{name}</dt>
    <dd>{children}</dd>
  </div>
);

/** How the job was set up. */
export const Configuration = ({ job }: JobProps): JSX.Element => {
  const filters = job.training_data_config?.invocation_logs_config?.request_metadata_filters;
  const codes = [
    ...SETUP.map(([, name, valuesOf]) => [name, valuesOf(job) ?? []] as const),
    ['Output model', [job.output_model_arn ?? job.output_model_name]] as const,
  ];
  return (
    <Card title="Configuration" id="configuration">
      <dl class="entries">
        {codes.map(([name, values]) => {
          const present = values.filter((value) => value !== undefined && value !== '');
          return present.length === 0 ? null : (
            <Entry key={name} name={name}>
              {present.map((value) => (
                <Code key={value} text={value ?? ''} what={name} />
              ))}
            </Entry>
          );
        })}
        {filters !== undefined && (
          <Entry name="Filter of the logs">
            <code class="wrap">{JSON.stringify(filters)}</code>
          </Entry>
        )}
        {job.creation_time !== undefined && (
          <Entry name="Created">
            <Utc time={job.creation_time} />
          </Entry>
        )}
        {job.end_time !== undefined && (
          <Entry name="Ended">
            <Utc time={job.end_time} />
          </Entry>
        )}
      </dl>
    </Card>
  );
};

export const HyperParameters = ({ job }: JobProps): JSX.Element | null => {
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

/** Commands to copy. */
export const Commands = ({ job }: JobProps): JSX.Element => {
  const bedrockUrl = useSession()?.bedrockUrl;
  return (
    <Card title="AWS CLI" id="commands">
      <ul class="commands">
        {cliCommands(job, bedrockUrl).map(({ label, command }) => (
          <li key={label}>
            <span class="command-label">{label}</span>
            <span class="command">
              <code class="truncate" title={command}>
                {command}
              </code>
              <CopyButton text={command} what={`the command: ${label}`} />
            </span>
          </li>
        ))}
      </ul>
    </Card>
  );
};

/** The item of the table as it is. */
export const RawRecord = ({ job }: JobProps): JSX.Element => {
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
