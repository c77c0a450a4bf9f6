import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { JobRecord } from '../../../../domain/record.ts';
import { CopyButton } from '../../parts/copy.tsx';

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
