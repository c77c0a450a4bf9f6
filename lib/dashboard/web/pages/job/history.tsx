import { type ComponentChildren, Fragment, type JSX } from 'preact';
import { type Diagnosis, readFailure, type MessagePart } from '../../../../domain/failure/index.ts';
import { describeStall } from '../../../../domain/pace.ts';
import { isFoundAgain, isTerminal, type JobRecord } from '../../../../domain/record.ts';
import { formatDuration, HOUR } from '../../../../domain/time.ts';
import { ABSENT, statusLabel, taskLabel } from '../../logic/format.ts';
import { axisMarks, timelineOf, type Change, type Lane, type Timeline } from '../../logic/timeline.ts';
import { Code, Table } from '../../parts/controls.tsx';
import { CrossIcon } from '../../parts/icons.tsx';
import { barStyle, StatusIcon } from '../../parts/job.tsx';
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
export const FailureCard = ({ message }: { readonly message: string }): JSX.Element => {
  const { diagnosis, parts, places } = readFailure(message);
  return (
    <section class="banner banner-error failure" aria-labelledby="failure">
      <CrossIcon class="tone-failed" />
      <div class="words">
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
                <dt class="muted small">{label}</dt>
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

/** What a part of a job or model is called. */
type NameOf = (task: string | undefined) => string;

const totalOf = ({ segments }: Lane): string =>
  segments.length === 0 ? 'not started' : formatDuration(segments.reduce((sum, { from, to }) => sum + to - from, 0));

const Bars = ({ timeline, nameOf }: { readonly timeline: Timeline; readonly nameOf: NameOf }): JSX.Element => {
  const length = timeline.to - timeline.from;
  return (
    <div class="lanes">
      {timeline.lanes.map((lane) => (
        <Fragment key={lane.task ?? ''}>
          <span class="wrap">{nameOf(lane.task)}</span>
          <span class="lane-track" aria-hidden="true">
            {lane.segments.map(({ status, from, to, open }) => (
              <span
                key={from}
                class={`lane-segment ${open ? 'lane-open' : ''}`}
                style={{
                  ...barStyle(status),
                  left: share(from - timeline.from, length),
                  width: share(to - from, length),
                }}
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

const delay = ({ at, observed_at }: Change): string => {
  const ms = Date.parse(observed_at) - Date.parse(at);
  return Number.isNaN(ms) ? ABSENT : `${formatDuration(Math.max(0, ms))} later`;
};

const ChangeRow = ({ change, nameOf }: { readonly change: Change; readonly nameOf: NameOf }): JSX.Element => {
  const { task, from, to, at, via } = change;
  return (
    <tr>
      <td class="nowrap number">
        <Utc time={at} bare />
      </td>
      <th scope="row">{nameOf(task)}</th>
      <td>
        <span class="row change">
          {from !== null && (
            <span class="muted">{isFoundAgain(change) ? 'Found again:' : `${statusLabel(from)} →`}</span>
          )}
          <StatusIcon status={to} />
          {statusLabel(to)}
        </span>
      </td>
      <td class="muted">
        {VIA[via] ?? via}, {delay(change)}
      </td>
    </tr>
  );
};

interface HistoryProps {
  readonly timeline: Timeline | undefined;
  readonly changes: readonly Change[];
  readonly record: Pick<JobRecord, 'fetched_at' | 'transitions_folded'>;
  readonly nameOf: NameOf;
  readonly children?: ComponentChildren;
}

/** Statuses over time, as bars and as a list. */
export const History = ({ timeline, changes, record, nameOf, children }: HistoryProps): JSX.Element => (
  <Card title="Timeline" id="timeline" note={['last read ', <Ago key="ago" time={record.fetched_at} />]}>
    {timeline !== undefined && <Bars timeline={timeline} nameOf={nameOf} />}
    {children}
    <Table label="Transitions" class="transitions" columns={['When (UTC)', 'What', 'Change', 'Noticed by']}>
      {changes.map((change) => (
        <ChangeRow key={`${change.task ?? ''} ${change.to} ${change.at}`} change={change} nameOf={nameOf} />
      ))}
    </Table>
    {record.transitions_folded !== undefined && (
      <p class="muted">{record.transitions_folded} older changes were dropped.</p>
    )}
  </Card>
);

export const TimelineCard = ({ job }: { readonly job: JobRecord }): JSX.Element => {
  const now = useNow(isTerminal(job) ? HOUR : 5000);
  const stall = describeStall(job, now);
  return (
    <History
      timeline={timelineOf(job, now)}
      changes={job.transitions}
      record={job}
      nameOf={(task) => (task === undefined ? 'Job' : taskLabel(task))}
    >
      {stall !== undefined && <p class="tone-stopping">Stalled: {stall}</p>}
    </History>
  );
};
