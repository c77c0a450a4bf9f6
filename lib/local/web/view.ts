import { html } from 'hono/html';
import type { JobSummary } from '../../client/jobs-client.ts';
import type { JobRecord, Transition } from '../../domain/record.ts';
import type { SweepState } from '../../tracking/sweep-state.ts';
import type { QueueDepths } from '../queue.ts';

type Html = ReturnType<typeof html>;

/** What the first page shows besides jobs. */
export interface TrackerStatus {
  readonly scopes: readonly { readonly scope: string; readonly active?: SweepState; readonly full?: SweepState }[];
  readonly queue: QueueDepths | undefined;
}

const MINUTE_S = 60;
const HOUR_S = 60 * MINUTE_S;

/** A span of time in its two largest units: 1 h 05 min. */
export const formatDuration = (ms: number): string => {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < MINUTE_S) return `${String(seconds)} s`;
  const pad = (value: number) => String(value).padStart(2, '0');
  if (seconds < HOUR_S) return `${String(Math.floor(seconds / MINUTE_S))} min ${pad(seconds % MINUTE_S)} s`;
  return `${String(Math.floor(seconds / HOUR_S))} h ${pad(Math.floor((seconds % HOUR_S) / MINUTE_S))} min`;
};

/** Date and time in UTC to the second, as it is read, not as it is sorted. */
const moment = (time: string | undefined): Html =>
  time === undefined ? html`–` : html`<time datetime="${time}">${time.slice(0, 19).replace('T', ' ')}</time>`;

const elapsed = (job: JobSummary, now: number): string => {
  if (job.creation_time === undefined) return '–';
  const end = job.end_time === undefined ? now : Date.parse(job.end_time);
  return formatDuration(end - Date.parse(job.creation_time));
};

const modelName = (arn: string | undefined): string => arn?.slice(arn.lastIndexOf('/') + 1) ?? '–';

const status = (job: Pick<JobSummary, 'status' | 'missing_since'>): Html =>
  html`<span class="status" data-status="${job.status ?? ''}">${job.status ?? 'unknown'}</span>${
      job.missing_since === undefined ? '' : html` <span class="status">missing in Bedrock</span>`
    }`;

const jobLink = (job: JobSummary): Html =>
  html`<a href="/jobs/${encodeURIComponent(job.job_arn)}">${job.job_name ?? job.job_arn}</a>`;

const page = (title: string, main: Html): Html =>
  html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title} – Bedrock job tracker</title>
        <link rel="icon" href="data:," />
        <link rel="stylesheet" href="/assets/style.css" />
        <script type="module" src="/assets/refresh.js"></script>
      </head>
      <body>
        <header><a href="/">Bedrock job tracker</a></header>
        <main>${main}</main>
      </body>
    </html>`;

const sweepLine = (name: string, state: SweepState | undefined, now: number): Html =>
  state?.succeeded_at === undefined
    ? html`no ${name} sweep yet`
    : html`${name} sweep ${formatDuration(now - Date.parse(state.succeeded_at))} ago (${state.counts?.corrected ?? 0}
      corrected)`;

const statusPanel = ({ scopes, queue }: TrackerStatus, now: number): Html =>
  html`<ul class="tracker">
    ${scopes.map(
      ({ scope, active, full }) =>
        html`<li><b>${scope}</b>: ${sweepLine('active', active, now)}, ${sweepLine('full', full, now)}</li>`,
    )}
    ${
      queue === undefined
        ? ''
        : html`<li>
            <b>Queue</b>: ${queue.waiting} waiting, ${queue.inFlight} in flight, ${queue.dead} dead-lettered
          </li>`
    }
  </ul>`;

const jobRow = (job: JobSummary, now: number): Html =>
  html`<tr>
    <td>${jobLink(job)}</td>
    <td>${status(job)}</td>
    <td>${modelName(job.base_model_arn)}</td>
    <td>${moment(job.creation_time)}</td>
    <td class="number">${elapsed(job, now)}</td>
    <td>${job.failure_message ?? ''}</td>
  </tr>`;

/** The page of all jobs, newest first. */
export const jobsPage = (
  jobs: readonly JobSummary[],
  more: string | undefined,
  tracker: TrackerStatus,
  now: number,
): Html =>
  page(
    'Jobs',
    html`<h1>Model customization jobs</h1>
      ${statusPanel(tracker, now)}
      <div class="scroll">
        <table>
          <thead>
            <tr>
              <th scope="col">Job</th>
              <th scope="col">Status</th>
              <th scope="col">Base model</th>
              <th scope="col">Created (UTC)</th>
              <th scope="col" class="number">Time</th>
              <th scope="col">Failure</th>
            </tr>
          </thead>
          <tbody>
            ${jobs.map((job) => jobRow(job, now))}
          </tbody>
        </table>
      </div>
      ${jobs.length === 0 ? html`<p>No job yet. Create one at the Bedrock endpoint, or wait for the next sweep.</p>` : ''}
      ${more === undefined ? '' : html`<p><a href="${more}">Older jobs</a></p>`}`,
  );

const transitionRow = ({ task, from, to, at, observed_at, via }: Transition): Html =>
  html`<tr>
    <td>${moment(at)}</td>
    <td>${task ?? 'job'}</td>
    <td>${from ?? '–'} → ${to}</td>
    <td>${via}, ${formatDuration(Date.parse(observed_at) - Date.parse(at))} later</td>
  </tr>`;

/** The page of one job: its timeline and the whole record. */
export const jobPage = (job: JobRecord): Html =>
  page(
    job.job_name ?? job.job_arn,
    html`<h1>${job.job_name ?? job.job_arn}</h1>
      <p>${status(job)} ${job.customization_type ?? ''} of ${modelName(job.base_model_arn)}</p>
      ${job.failure_message === undefined ? '' : html`<p class="failure">${job.failure_message}</p>`}
      <h2>Timeline (UTC)</h2>
      <div class="scroll">
        <table>
          <thead>
            <tr>
              <th scope="col">When</th>
              <th scope="col">What</th>
              <th scope="col">Change</th>
              <th scope="col">Seen by</th>
            </tr>
          </thead>
          <tbody>
            ${job.transitions.map(transitionRow)}
          </tbody>
        </table>
      </div>
      <h2>Record</h2>
      <pre>${JSON.stringify(job, null, 2)}</pre>`,
  );

/** The page of an address that leads nowhere. */
export const messagePage = (message: string): Html =>
  page(
    'Not found',
    html`<h1>Not found</h1>
      <p>${message}</p>
      <p><a href="/">All jobs</a></p>`,
  );
