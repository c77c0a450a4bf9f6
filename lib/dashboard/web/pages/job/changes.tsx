import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { JobRecord } from '../../../../domain/record.ts';
import { formatTagFilter } from '../../../../domain/tag-filter.ts';
import { load } from '../../api/cache.ts';
import { useSession } from '../../api/hooks.ts';
import { API, ApiProblem, send } from '../../api/http.ts';
import { jobsPath } from '../../logic/addresses.ts';
import { stillPending, withPending, type PendingTags } from '../../logic/tags.ts';
import { Dialog, Field } from '../../parts/controls.tsx';
import { CloseIcon } from '../../parts/icons.tsx';
import { nameOf } from '../../parts/job.tsx';
import { announce, Button, Card, Problem } from '../../parts/page.tsx';

/** Sends a change to Bedrock and announces it; resolves to false, with `problem` set, where Bedrock refuses. */
const useChange = (job: JobRecord) => {
  const token = useSession()?.token;
  const [problem, setProblem] = useState<ApiProblem>();
  const change = async (call: (token: string) => Promise<unknown>, done: string): Promise<boolean> => {
    if (token === undefined) return false;
    try {
      await call(token);
    } catch (error) {
      if (!(error instanceof ApiProblem)) throw error;
      setProblem(error);
      return false;
    }
    setProblem(undefined);
    announce(done);
    void load(API.job(job.job_arn));
    return true;
  };
  return { mayChange: token !== undefined, problem, change };
};

/** Stops the job, after a question: a stopped job cannot be resumed. */
export const StopButton = ({ job }: { readonly job: JobRecord }): JSX.Element | null => {
  const { mayChange, problem, change } = useChange(job);
  const [progress, setProgress] = useState<'idle' | 'asking' | 'sending' | 'sent'>('idle');
  if (!mayChange || job.status !== 'InProgress') return null;
  if (progress === 'sent') return <span class="muted">Stop requested…</span>;
  const stop = async () => {
    setProgress('sending');
    const isSent = await change((token) => send('POST', API.stop(job.job_arn), token), 'Stop requested');
    setProgress(isSent ? 'sent' : 'asking');
  };
  const close = () => setProgress('idle');
  const isSending = progress === 'sending';
  return (
    <>
      <Button onClick={() => setProgress('asking')}>Stop job</Button>
      {progress !== 'idle' && (
        <Dialog title="Stop this job?" onClose={close}>
          <p>
            Bedrock stops <b class="wrap">{nameOf(job)}</b>. A stopped job cannot be resumed. Its output so far stays in
            S3, and AWS bills the training so far.
          </p>
          {problem !== undefined && <Problem problem={problem} />}
          <div class="flow dialog-actions dialog-actions-end">
            <Button onClick={close}>Keep running</Button>
            <Button class="button button-danger" disabled={isSending} onClick={() => void stop()}>
              {isSending ? 'Stopping…' : 'Stop it'}
            </Button>
          </div>
        </Dialog>
      )}
    </>
  );
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
      <Field aria-label="Key of a new tag" placeholder="key" required maxLength={128} value={key} onText={setKey} />
      <Field aria-label="Value of a new tag" placeholder="value" maxLength={256} value={value} onText={setValue} />
      <button type="submit" class="button">
        Add
      </button>
    </form>
  );
};

/** The job's tags. A change shows at once, and as pending until the record has it. */
export const Tags = ({ job }: { readonly job: JobRecord }): JSX.Element => {
  const { mayChange, problem, change } = useChange(job);
  const [sent, setSent] = useState<PendingTags>({});
  const pending = stillPending(job.tags, sent);
  const tags = withPending(job.tags, pending);
  const set = async (key: string, value: string | null): Promise<boolean> => {
    const call = (token: string) =>
      value === null
        ? send('DELETE', API.tags(job.job_arn), token, { keys: [key] })
        : send('PUT', API.tags(job.job_arn), token, { tags: { [key]: value } });
    const isSent = await change(call, `Tag ${key} ${value === null ? 'removed' : 'saved'}`);
    if (isSent) setSent((before) => ({ ...before, [key]: value }));
    // The button that removes a tag goes with it.
    if (isSent && value === null) document.querySelector<HTMLElement>('.add-tag input')?.focus();
    return isSent;
  };
  return (
    <Card title="Tags" id="tags">
      {tags.length === 0 && <p class="muted">No tags.</p>}
      <ul class="tags">
        {tags.map(([key, value, isPending]) => (
          <li key={key} class={`tag ${isPending ? 'tag-pending' : ''}`}>
            <a
              href={jobsPath({ tag: [formatTagFilter({ key, value })] })}
              title={isPending ? 'Saved. The record follows soon.' : 'Jobs with this tag'}
            >
              <span class="tag-key">{key}</span>
              <span>{value}</span>
            </a>
            {mayChange && (
              <Button class="icon-button" title={`Remove tag ${key}`} onClick={() => void set(key, null)}>
                <CloseIcon />
              </Button>
            )}
          </li>
        ))}
      </ul>
      {problem !== undefined && <Problem problem={problem} />}
      {mayChange && <AddTag onAdd={set} />}
    </Card>
  );
};
