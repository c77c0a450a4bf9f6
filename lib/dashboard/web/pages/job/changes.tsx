import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { JobRecord } from '../../../../domain/record.ts';
import { load } from '../../api/cache.ts';
import { useSession } from '../../api/hooks.ts';
import { API, ApiProblem, send } from '../../api/http.ts';
import { jobsPath, tagFilter } from '../../logic/addresses.ts';
import { stillPending, withPending, type PendingTags } from '../../logic/tags.ts';
import { Dialog } from '../../parts/controls.tsx';
import { CloseIcon } from '../../parts/icons.tsx';
import { announce, Card, Problem } from '../../parts/page.tsx';

interface ChangingTags {
  readonly pending: PendingTags;
  readonly problem: ApiProblem | undefined;
  readonly change: (changes: PendingTags, said: string) => Promise<boolean>;
}

/** Sends changes of tags; what Bedrock took shows at once, what the record shows by then is forgotten. */
const useTagChanges = (job: JobRecord, token: string | undefined): ChangingTags => {
  const [asked, setAsked] = useState<PendingTags>({});
  const [problem, setProblem] = useState<ApiProblem>();
  const change = async (changes: PendingTags, said: string): Promise<boolean> => {
    if (token === undefined) return false;
    const tags = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== null));
    const keys = Object.keys(changes).filter((key) => changes[key] === null);
    try {
      if (keys.length > 0) await send('DELETE', API.tags(job.job_arn), token, { keys });
      if (Object.keys(tags).length > 0) await send('PUT', API.tags(job.job_arn), token, { tags });
    } catch (error) {
      if (!(error instanceof ApiProblem)) throw error;
      setProblem(error);
      return false;
    }
    setProblem(undefined);
    setAsked((before) => ({ ...before, ...changes }));
    announce(said);
    void load(API.job(job.job_arn));
    return true;
  };
  return { pending: stillPending(job.tags, asked), problem, change };
};

const AddTag = ({ onAdd }: { readonly onAdd: (key: string, value: string) => Promise<boolean> }): JSX.Element => {
  const [key, setKey] = useState('');
  const [value, setValue] = useState('');
  const add = async () => {
    if (key.trim() === '' || !(await onAdd(key.trim(), value.trim()))) return;
    setKey('');
    setValue('');
  };
  return (
    <form
      class="add-tag"
      onSubmit={(event) => {
        event.preventDefault();
        void add();
      }}
    >
      <input
        class="field"
        aria-label="Key of a new tag"
        placeholder="key"
        required
        maxLength={128}
        value={key}
        onInput={(event) => setKey(event.currentTarget.value)}
      />
      <input
        class="field"
        aria-label="Value of a new tag"
        placeholder="value"
        maxLength={256}
        value={value}
        onInput={(event) => setValue(event.currentTarget.value)}
      />
      <button type="submit" class="button">
        Add
      </button>
    </form>
  );
};

/** The job's tags; changed where the session may. */
export const Tags = ({ job }: { readonly job: JobRecord }): JSX.Element => {
  const token = useSession()?.token;
  const { pending, problem, change } = useTagChanges(job, token);
  const tags = withPending(job.tags, pending);
  return (
    <Card title="Tags" id="tags">
      {tags.length === 0 && <p class="muted">No tags.</p>}
      <ul class="tags">
        {tags.map(([key, value, waits]) => (
          <li key={key} class={`tag ${waits ? 'tag-waits' : ''}`}>
            <a
              href={jobsPath({ tag: [tagFilter(key, value)] })}
              title={waits ? 'Saved; the tracker will see it soon' : 'Jobs with this tag'}
            >
              <span class="tag-key">{key}</span>
              <span class="tag-value">{value}</span>
            </a>
            {token !== undefined && (
              <button
                type="button"
                aria-label={`Remove tag ${key}`}
                title={`Remove tag ${key}`}
                onClick={() => void change({ [key]: null }, `Tag ${key} removed`)}
              >
                <CloseIcon />
              </button>
            )}
          </li>
        ))}
      </ul>
      {problem !== undefined && <Problem problem={problem} />}
      {token !== undefined && <AddTag onAdd={(key, value) => change({ [key]: value }, `Tag ${key} saved`)} />}
    </Card>
  );
};

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
