import type { JSX } from 'preact';
import { SUB_TASKS, type StatusDetails } from '../../../domain/record.ts';
import { statusLabel, taskLabel } from '../logic/format.ts';
import { StatusIcon, statusTone } from './status.tsx';

/** The phases of a job in their order, those that Bedrock reports on. */
export const Stepper = ({ details }: { readonly details: StatusDetails | undefined }): JSX.Element | null => {
  const steps = SUB_TASKS.flatMap((task) => {
    const status = details?.[`${task}_details`]?.status;
    return status === undefined ? [] : [{ task, status }];
  });
  if (steps.length === 0) return null;
  return (
    <ol class="stepper">
      {steps.map(({ task, status }) => (
        <li key={task} class={`step step-${statusTone(status)}`}>
          <StatusIcon status={status} />
          <span class="step-name">{taskLabel(task)}</span>
          <span class="sr-only">: {statusLabel(status)}</span>
        </li>
      ))}
    </ol>
  );
};
