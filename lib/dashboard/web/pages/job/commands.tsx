import type { JSX } from 'preact';
import type { JobRecord } from '../../../../domain/record.ts';
import { cliCommands } from '../../logic/cli-commands.ts';
import { CopyButton } from '../../parts/copy.tsx';
import { Card } from '../../parts/page.tsx';

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
