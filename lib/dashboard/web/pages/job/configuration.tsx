import type { ComponentChildren, JSX } from 'preact';
import { useState } from 'preact/hooks';
import { consoleUrl } from '../../../../domain/identity.ts';
import type { JobRecord } from '../../../../domain/record.ts';
import { useSession } from '../../api/hooks.ts';
import { cliCommands } from '../../logic/cli-commands.ts';
import { SETUP } from '../../logic/compare.ts';
import { ABSENT, scopeLabel, shortModelName, typeLabel } from '../../logic/format.ts';
import { Code, CopyButton } from '../../parts/controls.tsx';
import { Status } from '../../parts/job.tsx';
import { Card } from '../../parts/page.tsx';
import { Ago, Utc } from '../../parts/time.tsx';

type JobProps = { readonly job: JobRecord };

const Entry = ({ name, children }: { readonly name: string; readonly children: ComponentChildren }): JSX.Element => (
  <div class="entry">
    <dt class="muted small">{name}</dt>
    <dd class="stack">{children}</dd>
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
      <dl class="stack entries">
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

export const HyperParameters = ({
  job,
}: {
  readonly job: Pick<JobRecord, 'hyper_parameters' | 'customization_config'>;
}): JSX.Element | null => {
  const all: readonly [name: string, value: string | number | null][] = Object.entries({
    ...job.hyper_parameters,
    ...job.customization_config?.rft_config?.hyper_parameters,
  });
  if (all.length === 0) return null;
  return (
    <Card title="Hyperparameters" id="hyperparameters">
      <dl class="stack entries entries-inline">
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
      <ul class="stack commands">
        {cliCommands(job, bedrockUrl).map(({ label, command }) => (
          <li key={label}>
            <span class="muted small">{label}</span>
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
export const RawRecord = ({ job }: { readonly job: Pick<JobRecord, 'revision'> }): JSX.Element => {
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

const ConsoleLink = ({ arn }: { readonly arn: string }): JSX.Element | null => {
  const [, partition = '', , region = ''] = arn.split(':');
  const address = consoleUrl({ partition, region });
  return address === undefined ? null : (
    <a
      class="nowrap"
      href={address}
      target="_blank"
      rel="noreferrer"
      title={`Custom models in ${region}, in a new tab. Jobs are under Jobs.`}
    >
      AWS console
    </a>
  );
};

interface FactsProps {
  readonly arn: string;
  readonly record: Parameters<typeof Status>[0]['job'] &
    Pick<JobRecord, 'base_model_arn' | 'customization_type' | 'scope' | 'creation_time'>;
  readonly children?: ComponentChildren;
}

/** What a job or a model is, below its name. */
export const Facts = ({ arn, record, children }: FactsProps): JSX.Element => (
  <>
    <p class="job-arn muted small">
      <code class="wrap">{arn}</code>
      <CopyButton text={arn} what="the ARN" />
      <ConsoleLink arn={arn} />
    </p>
    <div class="job-facts dotted">
      <Status job={record} />
      {children}
      <span title={record.base_model_arn}>{shortModelName(record.base_model_arn)}</span>
      <span>{typeLabel(record.customization_type)}</span>
      <span>{scopeLabel(record.scope)}</span>
      <span>
        created <Ago time={record.creation_time} />
      </span>
    </div>
  </>
);
