import type { JSX } from 'preact';
import { useLocation } from 'preact-iso/router';
import { useEffect, useState } from 'preact/hooks';
import { commandText } from '../../../../domain/command-text.ts';
import type { JobRecord } from '../../../../domain/record.ts';
import type { Again, AgainSent, DataFindings } from '../../../api.ts';
import { useSession } from '../../api/hooks.ts';
import { API, type ApiProblem, asProblem, getJson, post } from '../../api/http.ts';
import { newJobPath } from '../../logic/addresses.ts';
import {
  type AgainForm,
  againQuery,
  changesOf,
  formOf,
  formProblems,
  type Pair,
  problemText,
} from '../../logic/again.ts';
import { ABSENT } from '../../logic/format.ts';
import { CopyButton, Dialog, Field } from '../../parts/controls.tsx';
import { CloseIcon } from '../../parts/icons.tsx';
import { nameOf } from '../../parts/job.tsx';
import { announce, Button, Card, Problem, Skeleton } from '../../parts/page.tsx';

/** Typing pauses for so long before the server is asked. */
const TYPING_MS = 250;

interface AgainState {
  readonly form?: AgainForm;
  /** What would be sent, for the form as it stood when the server was asked. */
  readonly preview?: Again;
  readonly previewed?: AgainForm;
  readonly problem?: ApiProblem;
}

/** The form, and what the server makes of it. */
const useAgain = (job: JobRecord) => {
  const [first, setFirst] = useState<Again>();
  const [state, setState] = useState<AgainState>({});
  const { form } = state;
  useEffect(() => {
    let isOver = false;
    if (form !== undefined && form === state.previewed) return undefined;
    const query = first === undefined || form === undefined ? '' : againQuery(changesOf(first.fields, form));
    const read = () =>
      getJson<Again>(API.again(job.job_arn, query)).then(
        (preview) => {
          if (isOver) return;
          if (first === undefined) setFirst(preview);
          const shown = form ?? formOf(preview.fields);
          setState({ form: shown, preview, previewed: shown });
        },
        (error: unknown) => {
          if (!isOver) setState((before) => ({ ...before, problem: asProblem(error) }));
        },
      );
    const timer = setTimeout(() => void read(), form === undefined ? 0 : TYPING_MS);
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, [form]);
  const edit = (change: Partial<AgainForm>) =>
    setState(({ problem: _, ...before }) =>
      before.form === undefined ? before : { ...before, form: { ...before.form, ...change } },
    );
  const changes = first === undefined || form === undefined ? undefined : changesOf(first.fields, form);
  const wrong = first === undefined || form === undefined ? [] : formProblems(first.fields, form);
  const isCurrent = form !== undefined && form === state.previewed;
  return {
    ...state,
    changes,
    isCurrent,
    wrong,
    edit,
    fail: (problem: ApiProblem) => setState((before) => ({ ...before, problem })),
  };
};

interface TextProps {
  readonly label: string;
  readonly value: string;
  /** Of locations: a line of its own, as they are long. */
  readonly lines?: number;
  readonly onInput: (value: string) => void;
}

const Text = ({ label, value, lines, onInput }: TextProps): JSX.Element => (
  <label class={`filter again-text ${lines === undefined ? '' : 'again-wide'}`}>
    <span class="muted small">{label}</span>
    {lines === undefined ? (
      <Field value={value} onText={onInput} />
    ) : (
      <textarea
        class="field"
        rows={lines}
        wrap="off"
        value={value}
        spellcheck={false}
        onInput={(event) => onInput(event.currentTarget.value)}
      />
    )}
  </label>
);

interface PairsProps {
  readonly title: string;
  /** What one is called: hyperparameter or tag. */
  readonly what: string;
  readonly pairs: readonly Pair[];
  readonly onChange: (pairs: readonly Pair[]) => void;
}

const Pairs = ({ title, what, pairs, onChange }: PairsProps): JSX.Element => {
  const replace = (index: number, pair: Pair) => onChange(pairs.map((each, at) => (at === index ? pair : each)));
  return (
    <fieldset class="again-pairs">
      <legend class="muted small">{title}</legend>
      {pairs.map(([key, value], index) => (
        <div key={index} class="again-pair">
          <Field
            aria-label={`Name of ${what} ${index + 1}`}
            value={key}
            onText={(name) => replace(index, [name, value])}
          />
          <Field
            aria-label={`Value of ${key || `${what} ${index + 1}`}`}
            value={value}
            onText={(text) => replace(index, [key, text])}
          />
          <Button
            class="icon-button"
            title={`Remove ${key || `${what} ${index + 1}`}`}
            onClick={() => onChange(pairs.filter((_, at) => at !== index))}
          >
            <CloseIcon />
          </Button>
        </div>
      ))}
      <Button class="link-button" onClick={() => onChange([...pairs, ['', '']])}>
        Add a {what}
      </Button>
    </fieldset>
  );
};

const Fields = ({ form, edit }: { readonly form: AgainForm; readonly edit: (change: Partial<AgainForm>) => void }) => (
  <div class="again-fields">
    <Text label="Job name" value={form.jobName} onInput={(jobName) => edit({ jobName })} />
    <Text label="Model name" value={form.customModelName} onInput={(customModelName) => edit({ customModelName })} />
    <Text
      label="Training data"
      lines={1}
      value={form.trainingData}
      onInput={(trainingData) => edit({ trainingData })}
    />
    <Text
      label="Validation data, one a line"
      lines={Math.max(1, form.validationData.split('\n').length)}
      value={form.validationData}
      onInput={(validationData) => edit({ validationData })}
    />
    <Pairs
      title="Hyperparameters"
      what="hyperparameter"
      pairs={form.hyperParameters}
      onChange={(hyperParameters) => edit({ hyperParameters })}
    />
    <Pairs title="Tags" what="tag" pairs={form.tags} onChange={(tags) => edit({ tags })} />
  </div>
);

const Copied = ({ title, text }: { readonly title: string; readonly text: string }): JSX.Element => (
  <details class="again-copied">
    <summary>{title}</summary>
    <div class="raw-json">
      <CopyButton text={text} what={`the ${title.toLowerCase()}`} />
      <pre tabIndex={0} aria-label={title}>
        {text}
      </pre>
    </div>
  </details>
);

/** What would be created, or why it cannot be. */
const Preview = ({ preview, wrong }: { readonly preview: Again; readonly wrong: readonly string[] }): JSX.Element => {
  const problems = [...wrong, ...preview.problems.map(problemText)];
  const invocation = useSession()?.invocation;
  if (problems.length > 0)
    return (
      <div role="alert">
        <ul class="again-problems">
          {problems.map((problem) => (
            <li key={problem}>{problem}</li>
          ))}
        </ul>
      </div>
    );
  return (
    <>
      <ul class="again-differences small" aria-label="Differences">
        {preview.differences.map(({ path, before = ABSENT, after = ABSENT }) => (
          <li key={path}>
            <code>{path}</code> <span class="muted">{before}</span> → <b>{after}</b>
          </li>
        ))}
      </ul>
      {preview.notes.map((each) => (
        <p key={each} class="muted small wrap">
          {each}
        </p>
      ))}
      {invocation !== undefined && <Copied title="Command" text={commandText(invocation, ...preview.command)} />}
      <Copied title="Spec" text={preview.spec ?? ''} />
    </>
  );
};

/** What the check of the data found, and the command that tells more. */
const Findings = ({ data, region }: { readonly data: DataFindings; readonly region: string }): JSX.Element => {
  const session = useSession();
  const { told, more, command } = data;
  return (
    <>
      <ul class={data.ok ? 'again-differences' : 'again-problems'}>
        {told.map((each) => (
          <li key={each}>{each}</li>
        ))}
        {more > 0 && <li class="muted">… and {more.toLocaleString('en')} more</li>}
      </ul>
      {session !== undefined && command !== undefined && !data.ok && (
        <Copied
          title="Command that checks the data"
          text={commandText(
            // Data are read without a tracker: only a local run has its own.
            { ...session.invocation, ...(session.bedrockUrl === undefined && { trackerFlags: ['--region', region] }) },
            ...command,
          )}
        />
      )}
    </>
  );
};

const AgainDialog = ({ job, onClose }: { readonly job: JobRecord; readonly onClose: () => void }): JSX.Element => {
  const token = useSession()?.token;
  const { route } = useLocation();
  const { form, preview, problem, changes, wrong, isCurrent, edit, fail } = useAgain(job);
  const [sending, setSending] = useState<'Checking the data …' | 'Creating …'>();
  const [sent, setSent] = useState<AgainSent>();
  const [closing] = useState(() => new AbortController());
  useEffect(() => () => closing.abort(), []);
  const isReady = isCurrent && preview?.problems.length === 0 && wrong.length === 0 && sending === undefined;
  const show = ({ jobArn, jobName }: AgainSent) => {
    onClose();
    route(newJobPath(jobArn, jobName));
  };
  // Data with problems are sent only on a further click, for the same form.
  const refused = problem?.data;
  const create = async () => {
    if (token === undefined) return;
    setSending(refused === undefined ? 'Checking the data …' : 'Creating …');
    const body = refused === undefined ? changes : { ...changes, check: false };
    try {
      const answer = await post<AgainSent>(API.again(job.job_arn), token, body, closing.signal);
      announce(`Bedrock accepted ${answer.jobName}`);
      if (answer.data === undefined || answer.data.told.length === 0) show(answer);
      else setSent(answer);
    } catch (error) {
      setSending(undefined);
      fail(asProblem(error));
    }
  };
  if (sent?.data !== undefined)
    return (
      <Dialog title={`Created ${sent.jobName}`} class="dialog-wide" onClose={() => show(sent)}>
        <Findings data={sent.data} region={job.region} />
        <div class="flow dialog-actions dialog-actions-end">
          <Button class="button button-primary" onClick={() => show(sent)}>
            Open the job
          </Button>
        </div>
      </Dialog>
    );
  return (
    <Dialog title={`Create a job like ${nameOf(job)}`} class="dialog-wide" onClose={onClose}>
      <div inert={sending !== undefined}>
        {form === undefined ? problem === undefined && <Skeleton lines={6} /> : <Fields form={form} edit={edit} />}
      </div>
      {preview !== undefined && <Preview preview={preview} wrong={wrong} />}
      {problem !== undefined && <Problem problem={problem} />}
      {refused !== undefined && <Findings data={refused} region={job.region} />}
      <div class="flow dialog-actions dialog-actions-end">
        <span class="muted small" role="status">
          {sending ??
            (token === undefined ? 'This dashboard is read-only: use the command.' : 'AWS bills the training.')}
        </span>
        <Button onClick={onClose}>Cancel</Button>
        {token !== undefined && (
          <Button class="button button-primary" disabled={!isReady} onClick={() => void create()}>
            {refused === undefined ? 'Create job' : 'Create anyway'}
          </Button>
        )}
      </div>
    </Dialog>
  );
};

/** Opens the dialog for a job like this one. */
export const AgainButton = ({ job }: { readonly job: JobRecord }): JSX.Element => {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button onClick={() => setOpen(true)}>Create like this one</Button>
      {open && <AgainDialog job={job} onClose={() => setOpen(false)} />}
    </>
  );
};

/** In place of a job that Bedrock has accepted, until its record is there. */
export const NewJob = ({ name, problem }: { readonly name: string; readonly problem: ApiProblem }): JSX.Element => (
  <Card title="Waiting for the tracker" id="waiting">
    <div class="new-job">
      <p role="status">
        Bedrock accepted <b class="wrap">{name}</b>. The tracker has not seen it yet: by an event this takes seconds, by
        a sweep some minutes. This page shows the job as soon as its record is there.
      </p>
      <p class="muted small wrap">{problem.message}</p>
    </div>
  </Card>
);
