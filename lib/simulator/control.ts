/** The routes under /_simulator by which tests, demonstrations and people steer the simulator. */
import { Hono } from 'hono';
import { HTTPException } from 'hono/http-exception';
import * as v from 'valibot';
import { isFromHere } from '../loopback.ts';
import { type Counters, type Faults, members } from './faults.ts';
import { ApiError, callerOf, type Scope } from './call.ts';
import { readBody } from './http.ts';
import type { Mail } from './messaging.ts';
import { type Job, type SimulatedJobs } from './jobs.ts';
import { TERMINAL, isTerminal } from './life.ts';

export interface ControlDependencies {
  readonly defaults: Scope;
  readonly counters: Counters;
  readonly getFaults: () => Faults;
  /** Throws a TypeError that says what is wrong. */
  readonly setFaults: (faults: unknown) => Faults;
  /** The jobs, brought up to the present. */
  readonly settled: () => { readonly store: SimulatedJobs; readonly now: number };
  readonly onChanged: () => void;
  readonly mails: () => readonly Mail[];
  /** What the simulator was started with. */
  readonly about: object;
}

const message = v.pipe(v.string('must be a string'), v.maxLength(2048, 'may have 2048 characters at most'));
const STATUS = `must be one of ${TERMINAL.join(', ')}`;
const SteerRequest = v.strictObject(
  { status: v.picklist(TERMINAL, STATUS), failureMessage: v.optional(message) },
  members,
);

const COUNT = 'must be a whole number of 0 or more';
const count = v.pipe(v.number(COUNT), v.safeInteger(COUNT), v.minValue(0, COUNT));
const UseRequest = v.strictObject(
  {
    arn: v.string('must be a string'),
    invocations: count,
    inputTokens: v.optional(count, 0),
    outputTokens: v.optional(count, 0),
    at: v.optional(v.pipe(v.string('must be a timestamp'), v.isoTimestamp('must be a timestamp'))),
  },
  members,
);

const DEFAULT_FAILURE = 'An internal error ended the job. Please retry the job.';

const refused = (status: 400 | 403 | 404 | 409, message: string) => new HTTPException(status, { message });

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw refused(400, `The body is not valid JSON: ${(cause as Error).message}`);
  }
};

const parse = <Schema extends v.GenericSchema>(schema: Schema, text: string): v.InferOutput<Schema> => {
  const parsed = v.safeParse(schema, parseJson(text));
  if (parsed.success) return parsed.output;
  const mistakes = parsed.issues.map((issue) => `${v.getDotPath(issue) ?? 'the body'} ${issue.message}`);
  throw refused(400, `This is not a valid steering: ${mistakes.join('; ')}.`);
};

/** By ARN, or by name: first in the caller's scope, then in whichever single scope has it. */
const findTarget = (
  identifier: string,
  authorization: string | undefined,
  defaults: Scope,
  store: SimulatedJobs,
): Job => {
  const caller = callerOf(authorization, defaults);
  const job = store.get(identifier) ?? store.in(caller).byName.get(identifier);
  if (job) return job;
  const [found, ...others] = [...store.scopes()].flatMap(({ byName }) => byName.get(identifier) ?? []);
  if (!found) throw refused(404, `There is no job ${identifier}.`);
  if (others.length > 0) throw refused(409, `Several scopes have a job ${identifier}: use its ARN.`);
  return found;
};

const overview = ({ settled, about }: ControlDependencies): object => {
  const { store } = settled();
  const scopes = [...store.scopes()].map(({ scope, byCreation, byStatus }) => ({
    ...scope,
    jobs: byCreation.length,
    byStatus: Object.fromEntries([...byStatus].map(([status, jobs]) => [status, jobs.length])),
    models: store.models.in(scope).byCreation.length,
    deployments: store.deployments.in(scope).byCreation.length,
    provisionedThroughputs: store.throughputs.in(scope).byCreation.length,
  }));
  return { ...about, jobs: store.size, scopes };
};

const steer = (
  identifier: string,
  authorization: string | undefined,
  text: string,
  dependencies: ControlDependencies,
): object => {
  const { status, failureMessage } = parse(SteerRequest, text);
  if (failureMessage !== undefined && status !== 'Failed')
    throw refused(400, "This is not a valid steering: failureMessage goes with the status 'Failed' only.");
  const { store, now } = dependencies.settled();
  const job = findTarget(identifier, authorization, dependencies.defaults, store);
  if (isTerminal(job.status)) throw refused(409, `The job has ended already: ${job.status ?? ''}.`);
  store.force(job, now, status, status === 'Failed' ? (failureMessage ?? DEFAULT_FAILURE) : undefined);
  dependencies.onChanged();
  return store.answer(job, now);
};

export const createControl = (dependencies: ControlDependencies): Hono => {
  const { counters, getFaults, setFaults } = dependencies;
  const control = new Hono();
  control.use('*', async (context, next) => {
    if (!isFromHere((name) => context.req.header(name)))
      throw refused(403, 'The simulator is steered from this machine only: use a loopback address.');
    await next();
  });
  control.get('/', (context) => context.json(overview(dependencies)));
  control.get('/faults', (context) => context.json(getFaults()));
  control.put('/faults', async (context) => {
    const faults = parseJson(await readBody(context.req.raw));
    try {
      return context.json(setFaults(faults));
    } catch (error) {
      if (error instanceof TypeError) throw refused(400, error.message);
      throw error;
    }
  });
  control.get('/counts', (context) => context.json(counters.read()));
  control.post('/counts/reset', (context) => {
    counters.reset();
    return context.json(counters.read());
  });
  control.get('/mails', (context) => context.json(dependencies.mails()));
  control.post('/jobs/:identifier', async (context) => {
    const text = await readBody(context.req.raw);
    return context.json(
      steer(context.req.param('identifier'), context.req.header('authorization'), text, dependencies),
    );
  });
  control.post('/use', async (context) => {
    const { arn, at, ...calls } = parse(UseRequest, await readBody(context.req.raw));
    const { store, now } = dependencies.settled();
    if (!store.kindOf(arn).get(arn)) throw refused(404, `There is no ${arn}: use the ARN of what serves a model.`);
    store.use.record(arn, at === undefined ? now : Date.parse(at), calls);
    dependencies.onChanged();
    return context.json({ arn, ...calls });
  });
  control.all('*', () => {
    throw refused(404, 'The simulator has no such control.');
  });
  control.onError((error, context) => {
    if (error instanceof HTTPException) return context.json({ message: error.message }, error.status);
    if (error instanceof ApiError) return context.json({ message: error.message }, error.httpStatus);
    throw error;
  });
  return control;
};
