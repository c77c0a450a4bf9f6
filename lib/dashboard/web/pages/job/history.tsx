import { Fragment, type JSX } from 'preact';
import { type Diagnosis, readFailure, type MessagePart } from '../../../../domain/failure/index.ts';
import { describeStall } from '../../../../domain/pace.ts';
import { isFoundAgain, isTerminal, type JobRecord, type SubTask, type Transition } from '../../../../domain/record.ts';
import { formatDuration, HOUR } from '../../../../domain/time.ts';
import { ABSENT, statusLabel, taskLabel } from '../../logic/format.ts';
import { axisMarks, timelineOf, type Lane, type Timeline } from '../../logic/timeline.ts';
import { Code, Table } from '../../parts/controls.tsx';
import { CrossIcon } from '../../parts/icons.tsx';
import { StatusIcon, statusTone } from '../../parts/job.tsx';
import { Card } from '../../parts/page.tsx';
import { Ago, useNow, Utc } from '../../parts/time.tsx';

const Part = ({ part }: { readonly part: MessagePart }): JSX.Element =>
  part.kind === 'text' ? <>{part.text}</> : <code class={`part-${part.kind}`}>{part.text}</code>;

const Advice = ({ diagnosis: { steps, source, checked } }: { readonly diagnosis: Diagnosis }): JSX.Element => (
  <>
    <h3>What to do</h3>
    <ol class="failure-steps">
      {steps.map((step) => (
        <li key={step}>{step}</li>
      ))}
    </ol>
    <p class="muted small">
      From{' '}
      <a href={source} target="_blank" rel="noreferrer">
        {new URL(source).hostname}
      </a>
      , read on {checked}.
    </p>
  </>
);

/** Why the job failed: what happened, where, and what to do next. */
export const FailureCard = ({ message }: { readonly message: string | undefined }): JSX.Element => {
  if (message === undefined) {
    return (
      <section class="card failure" aria-label="Why it failed">
        <h2>Bedrock gave no reason</h2>
      </section>
    );
  }
  const { diagnosis, parts, places } = readFailure(message);
  return (
    <section class="card failure" aria-labelledby="failure">
      <CrossIcon class="tone-failed" />
      <div class="failure-words">
        <h2 id="failure">{diagnosis?.title ?? 'Why it failed'}</h2>
        <p class="failure-message">
          {parts.map((part, index) => (
            <Part key={index} part={part} />
          ))}
        </p>
        {places.length > 0 && (
          <dl class="places">
            {places.map(({ label, value }) => (
              <div key={value}>
                <dt>{label}</dt>
                <dd>
                  <Code text={value} what={label} />
                </dd>
              </div>
            ))}
          </dl>
        )}
        {diagnosis !== undefined && <Advice diagnosis={diagnosis} />}
      </div>
    </section>
  );
};

const share = (part: number, whole: number): string => `${((part / whole) * 100).toFixed(3)}%`;

const nameOfTask = (task: SubTask | undefined): string => (task === undefined ? 'Job' : taskLabel(task));

const totalOf = ({ segments }: Lane): string =>
  segments.length === 0 ? 'not started' : formatDuration(segments.reduce((sum, { from, to }) => sum + to - from, 0));

const Bars = ({ timeline }: { readonly timeline: Timeline }): JSX.Element => {
  const length = timeline.to - timeline.from;
  return (
    <div class="lanes">
      {timeline.lanes.map((lane) => (
        <Fragment key={lane.task ?? 'job'}>
          <span>{nameOfTask(lane.task)}</span>
          <span class="lane-track" aria-hidden="true">
            {lane.segments.map(({ status, from, to, open }) => (
              <span
                key={from}
                class={`lane-segment bar-${statusTone(status)} ${open ? 'lane-open' : ''}`}
                style={{ left: share(from - timeline.from, length), width: share(to - from, length) }}
                title={`${statusLabel(status)}, ${formatDuration(to - from)}`}
              />
            ))}
          </span>
          <span class="lane-time small number muted">{totalOf(lane)}</span>
        </Fragment>
      ))}
      <span class="lane-axis muted number" aria-hidden="true">
        {axisMarks(length).map((mark) => (
          <span key={mark} style={{ left: share(mark, length) }}>
            {mark === 0 ? '0' : formatDuration(mark)}
          </span>
        ))}
      </span>
    </div>
  );
};

const VIA: Readonly<Record<string, string>> = { event: 'event', sweep: 'sweep', backfill: 'first sweep' };

const delay = ({ at, observed_at }: Transition): string => {
  const ms = Date.parse(observed_at) - Date.parse(at);
  return Number.isNaN(ms) ? ABSENT : `${formatDuration(Math.max(0, ms))} later`;
};

const TransitionRow = ({ transition }: { readonly transition: Transition }): JSX.Element => {
  const { task, from, to, at, via } = transition;
  return (
    <tr>
      <td class="nowrap number">
        <Utc time={at} bare />
      </td>
      <th scope="row">{nameOfTask(task)}</th>
      <td>
        <span class="row change">
          {from !== null && (
            <span class="muted">{isFoundAgain(transition) ? 'Found again:' : `${statusLabel(from)} →`}</span>
          )}
          <StatusIcon status={to} />
          {statusLabel(to)}
        </span>
      </td>
      <td class="muted">
        {VIA[via] ?? via}, {delay(transition)}
      </td>
    </tr>
  );
};

/** The statuses of the job over time, as bars and as a list. */
export const TimelineCard = ({ job }: { readonly job: JobRecord }): JSX.Element => {
  const now = useNow(isTerminal(job) ? HOUR : 5000);
  const timeline = timelineOf(job, now);
  const stall = describeStall(job, now);
  return (
    <Card title="Timeline" id="timeline" note={['last read ', <Ago key="ago" time={job.fetched_at} />]}>
      {timeline !== undefined && <Bars timeline={timeline} />}
      {stall !== undefined && <p class="tone-stopping">Stalled: {stall}</p>}
      <Table label="Transitions" class="transitions" columns={['When (UTC)', 'What', 'Change', 'Noticed by']}>
        {job.transitions.map((transition) => (
          <TransitionRow key={`${transition.task ?? ''} ${transition.to} ${transition.at}`} transition={transition} />
        ))}
      </Table>
      {job.transitions_folded !== undefined && (
        <p class="muted">{job.transitions_folded} older changes were dropped.</p>
      )}
    </Card>
  );
};
