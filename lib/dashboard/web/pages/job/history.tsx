import type { JSX } from 'preact';
import { HOUR, formatDuration } from '../../../../domain/time.ts';
import { isTerminal, type JobRecord, type Transition } from '../../../../domain/record.ts';
import { readFailure, type MessagePart } from '../../logic/failure.ts';
import { ABSENT, statusLabel, taskLabel, utcTime } from '../../logic/format.ts';
import { axisMarks, timelineOf, type Lane, type Timeline } from '../../logic/timeline.ts';
import { Code } from '../../parts/controls.tsx';
import { CrossIcon } from '../../parts/icons.tsx';
import { StatusIcon, statusTone } from '../../parts/job.tsx';
import { Card } from '../../parts/page.tsx';
import { Ago, useNow } from '../../parts/time.tsx';

const Part = ({ part }: { readonly part: MessagePart }): JSX.Element =>
  part.kind === 'text' ? <>{part.text}</> : <code class={`part-${part.kind}`}>{part.text}</code>;

/** Why the job failed: what happened, where, and what to do. */
export const FailureCard = ({ message }: { readonly message: string | undefined }): JSX.Element => {
  if (message === undefined) {
    return (
      <section class="card failure" aria-label="Why it failed">
        <h2>Bedrock gave no reason</h2>
      </section>
    );
  }
  const { title, parts, places, steps } = readFailure(message);
  return (
    <section class="card failure" aria-labelledby="failure">
      <CrossIcon class="tone-failed" />
      <div class="failure-words">
        <h2 id="failure">{title ?? 'Why it failed'}</h2>
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
        {steps.length > 0 && (
          <>
            <h3>What to do</h3>
            <ol class="failure-steps">
              {steps.map((step) => (
                <li key={step}>{step}</li>
              ))}
            </ol>
          </>
        )}
      </div>
    </section>
  );
};

const share = (part: number, whole: number): string => `${((part / whole) * 100).toFixed(3)}%`;

const summary = ({ segments }: Lane): string => {
  const last = segments.at(-1);
  if (last === undefined) return 'not started';
  const total = segments.reduce((sum, { from, to }) => sum + to - from, 0);
  return formatDuration(total);
};

const LaneRow = ({ lane, timeline }: { readonly lane: Lane; readonly timeline: Timeline }): JSX.Element => {
  const length = timeline.to - timeline.from;
  return (
    <>
      <span class="lane-name">{lane.task === undefined ? 'Job' : taskLabel(lane.task)}</span>
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
      <span class="lane-time number muted">{summary(lane)}</span>
    </>
  );
};

const Bars = ({ timeline }: { readonly timeline: Timeline }): JSX.Element => {
  const length = timeline.to - timeline.from;
  return (
    <div class="lanes">
      {timeline.lanes.map((lane) => (
        <LaneRow key={lane.task ?? 'job'} lane={lane} timeline={timeline} />
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
      <td class="nowrap number" title={utcTime(at)}>
        {utcTime(at).replace(' UTC', '')}
      </td>
      <th scope="row">{task === undefined ? 'Job' : taskLabel(task)}</th>
      <td>
        <span class="change">
          {from !== null && <span class="muted">{statusLabel(from)} →</span>}
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

const Transitions = ({ job }: { readonly job: JobRecord }): JSX.Element => (
  <div class="scroll" role="group" aria-label="Transitions" tabIndex={0}>
    <table class="table transitions">
      <thead>
        <tr>
          <th scope="col">When (UTC)</th>
          <th scope="col">What</th>
          <th scope="col">Change</th>
          <th scope="col">Noticed by</th>
        </tr>
      </thead>
      <tbody>
        {job.transitions.map((transition) => (
          <TransitionRow key={`${transition.task ?? ''} ${transition.to} ${transition.at}`} transition={transition} />
        ))}
      </tbody>
    </table>
  </div>
);

/** When the job was in which status, as bars and as a list. */
export const TimelineCard = ({ job }: { readonly job: JobRecord }): JSX.Element => {
  const now = useNow(isTerminal(job) ? HOUR : 5000);
  const timeline = timelineOf(job, now);
  return (
    <Card
      title="Timeline"
      id="timeline"
      note={
        <>
          last look <Ago time={job.fetched_at} />
        </>
      }
    >
      {timeline !== undefined && <Bars timeline={timeline} />}
      <Transitions job={job} />
      {job.transitions_folded !== undefined && (
        <p class="muted">{job.transitions_folded} older changes are no longer kept.</p>
      )}
    </Card>
  );
};
