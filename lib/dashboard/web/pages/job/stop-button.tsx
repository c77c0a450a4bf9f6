import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { JobRecord } from '../../../../domain/record.ts';
import { load } from '../../api/cache.ts';
import { API, ApiProblem, send } from '../../api/http.ts';
import { useSession } from '../../api/session.ts';
import { announce } from '../../parts/announce.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { Problem } from '../../parts/messages.tsx';

type Progress = 'idle' | 'asking' | 'sending' | 'sent';

/** Stops the job, after asking: a stopped job cannot go on. */
export const StopButton = ({ job }: { readonly job: JobRecord }): JSX.Element | null => {
  const token = useSession()?.token;
  const [progress, setProgress] = useState<Progress>('idle');
  const [problem, setProblem] = useState<ApiProblem>();
  if (token === undefined || job.status !== 'InProgress') return null;
  const stop = async () => {
    setProgress('sending');
    try {
      await send('POST', API.stop(job.job_arn), token);
      setProgress('sent');
      announce('Bedrock was asked to stop the job');
      void load(API.job(job.job_arn));
    } catch (error) {
      if (!(error instanceof ApiProblem)) throw error;
      setProblem(error);
      setProgress('asking');
    }
  };
  if (progress === 'sent') return <span class="muted">Asked to stop…</span>;
  return (
    <>
      <button type="button" class="button" onClick={() => setProgress('asking')}>
        Stop job
      </button>
      {progress !== 'idle' && (
        <Dialog title="Stop this job?" onClose={() => setProgress('idle')}>
          <p>
            Bedrock stops <b class="wrap">{job.job_name ?? job.job_arn}</b>. A stopped job cannot be resumed; what it
            wrote so far stays in S3, and the training until now is billed.
          </p>
          {problem !== undefined && <Problem problem={problem} />}
          <div class="dialog-actions dialog-actions-end">
            <button type="button" class="button" onClick={() => setProgress('idle')}>
              Let it run
            </button>
            <button
              type="button"
              class="button button-danger"
              disabled={progress === 'sending'}
              onClick={() => void stop()}
            >
              {progress === 'sending' ? 'Stopping…' : 'Stop it'}
            </button>
          </div>
        </Dialog>
      )}
    </>
  );
};
