import { mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Runtime, type CfnFunction } from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs';
import { ENV, METRIC_NAMESPACE } from '../../lib/contract.ts';
import { formatScope } from '../../lib/domain/identity.ts';
import { bundleLambdas } from '../../scripts/bundle-lambdas.ts';
import { sqsEvent } from '../../test/support/sqs-event.ts';
import { detailOf, eventOf, newRecord, streamEvent, writeOf } from '../../test/support/transitions.ts';
import {
  formatNumber,
  median,
  pairedRatios,
  ratioResult,
  type MeasureOptions,
  type Result,
  type Section,
} from '../section.ts';
import { JOB_ARN, SCOPE, startAnswers, stateChange } from '../support/answers.ts';
import { startProcess } from '../support/process.ts';

const ROOT = join(import.meta.dirname, '..', '..');
/** Below the project, so that what a bundle leaves out is found in its node_modules. */
const FOLDER = join(ROOT, '.cache', 'bench', 'cold-start');
const INVOKE = join(import.meta.dirname, '..', 'support', 'invoke.mjs');
const MOST_BYTES = 430_000;
const RATIO_LIMIT = 0.8;
const ROUNDS = 15;

/** A function, the event of its first invocation, and whether its answer shows that it did its work. */
interface Invoked {
  readonly name: string;
  readonly event: unknown;
  readonly isDone: (answer: unknown) => boolean;
}

const noFailures = (answer: unknown): boolean =>
  (answer as { batchItemFailures?: readonly unknown[] }).batchItemFailures?.length === 0;

const record = newRecord('fine-tuning-completed');

const FUNCTIONS: readonly Invoked[] = [
  { name: 'track-job', event: sqsEvent(stateChange(JOB_ARN)), isDone: noFailures },
  {
    name: 'reconcile-jobs',
    event: { sweep: 'active' },
    isDone: (answer) => Array.isArray(answer) && answer.length > 0,
  },
  { name: 'publish-transitions', event: streamEvent(writeOf(undefined, record)), isDone: noFailures },
  { name: 'notify-transition', event: eventOf(detailOf(record)), isDone: (answer) => answer === undefined },
];

/** What Lambda and the stack set. */
const environmentOf = (url: string, home: string): NodeJS.ProcessEnv => ({
  HOME: home,
  AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
  AWS_REGION: SCOPE.region,
  AWS_DEFAULT_REGION: SCOPE.region,
  AWS_ACCESS_KEY_ID: 'bench',
  AWS_SECRET_ACCESS_KEY: 'bench',
  AWS_SESSION_TOKEN: 'bench',
  AWS_ENDPOINT_URL: url,
  POWERTOOLS_SERVICE_NAME: 'bench',
  POWERTOOLS_METRICS_NAMESPACE: METRIC_NAMESPACE,
  POWERTOOLS_LOG_LEVEL: 'INFO',
  [ENV.jobsTable]: 'jobs',
  [ENV.sweepsTable]: 'sweeps',
  [ENV.scopes]: formatScope(SCOPE),
  [ENV.transitionsBus]: 'default',
  [ENV.notificationsTopic]: `arn:aws:sns:${SCOPE.region}:${SCOPE.accountId}:topic`,
});

/** What Node.js loads, by the function's name. */
type Files = Readonly<Record<string, string>>;

/** As `npm run build` makes them and the stack deploys them. */
const makeShipped = async (folder: string): Promise<Files> => {
  await bundleLambdas(folder);
  return Object.fromEntries(FUNCTIONS.map(({ name }) => [name, join(folder, name, 'index.js')]));
};

/** What `cdk init` writes into a new app's cdk.json, as far as this construct looks at it: all of the SDK is the runtime's. */
const NEW_APP = {
  '@aws-cdk/aws-lambda-nodejs:sdkV3ExcludeSmithyPackages': true,
  // Says where the bundle lies.
  'aws:cdk:enable-asset-metadata': true,
};

/** What CDK's own construct makes of the same entries, by a synthesis. */
const makeByDefaults = async (folder: string): Promise<Files> => {
  const outdir = join(folder, 'cdk.out');
  const stack = new Stack(new App({ outdir, context: NEW_APP }), 'Stack');
  const files = FUNCTIONS.map(({ name }) => {
    const fn = new NodejsFunction(stack, name, {
      entry: join(ROOT, 'lambdas', name, 'index.ts'),
      depsLockFilePath: join(ROOT, 'package-lock.json'),
      projectRoot: ROOT,
      runtime: Runtime.NODEJS_24_X,
    });
    const asset = (fn.node.defaultChild as CfnFunction).getMetadata('aws:asset:path') as string;
    return [name, join(outdir, asset, 'index.js')];
  });
  await writeFile(join(folder, 'package.json'), '{"type":"commonjs"}\n');
  return Object.fromEntries(files) as Files;
};

/** One cold start, in ms: load and first invocation, and what both took of a processor. */
interface ColdStart {
  readonly time: number;
  readonly cpu: number;
}

const coldStart = async ({ name, isDone }: Invoked, files: Files, env: NodeJS.ProcessEnv): Promise<ColdStart> => {
  const helper = startProcess(INVOKE, [files[name] ?? '', join(FOLDER, `${name}.json`)], [], env);
  const { answer, ...took } = await helper.next<ColdStart & { readonly answer?: unknown }>();
  await helper.ended;
  if (!isDone(answer)) throw new Error(`${name} did not do its work: ${JSON.stringify(answer)}`);
  return took;
};

const measure = async ({ quick, say }: MeasureOptions): Promise<readonly Result[]> => {
  await rm(FOLDER, { recursive: true, force: true });
  const home = join(FOLDER, 'home');
  await mkdir(home, { recursive: true });
  for (const { name, event } of FUNCTIONS) await writeFile(join(FOLDER, `${name}.json`), JSON.stringify(event));
  const shipped = await makeShipped(join(FOLDER, 'shipped'));
  const defaults = await makeByDefaults(join(FOLDER, 'defaults'));
  const sizes = await Promise.all(Object.values(shipped).map(async (file) => (await stat(file)).size));
  say('bundles made');

  const answers = await startAnswers();
  const env = environmentOf(answers.url, home);
  const starts = FUNCTIONS.map((fn) => ({ fn, shipped: [] as ColdStart[], defaults: [] as ColdStart[] }));
  // The first round reads files that later ones find in the page cache.
  for (let round = 0; round <= (quick ? 1 : ROUNDS); round += 1) {
    for (const { fn, ...of } of starts) {
      const pair = [
        [shipped, of.shipped],
        [defaults, of.defaults],
      ] as const;
      for (const [files, all] of round % 2 === 0 ? pair : pair.toReversed()) {
        const start = await coldStart(fn, files, env);
        if (round > 0) all.push(start);
      }
    }
  }
  await answers.close();

  const worst = (of: keyof ColdStart): number =>
    Math.max(
      ...starts.map((each) =>
        median(
          pairedRatios(
            each.shipped.map((start) => start[of]),
            each.defaults.map((start) => start[of]),
          ),
        ),
      ),
    );
  const slowest = Math.max(...starts.map((each) => median(each.shipped.map(({ time }) => time))));
  const largest = Math.max(...sizes);
  const time = ratioResult('Time, over that of the defaults, the worst function', worst('time'), RATIO_LIMIT);
  return [
    {
      what: 'The largest function',
      target: `≤ ${formatNumber(MOST_BYTES / 1000)} kB`,
      measured: `${formatNumber(largest / 1000)} kB`,
      met: largest <= MOST_BYTES,
    },
    { ...time, measured: `${time.measured} (${formatNumber(slowest)} ms the slowest)` },
    ratioResult('Processor time, over that of the defaults, the worst function', worst('cpu'), RATIO_LIMIT),
  ];
};

export const section: Section = {
  title: 'Cold starts',
  text: "Each function is loaded and invoked once in a fresh process, on a whole processor; Lambda gives 512 MB about 0.3 of one. AWS is a local server of ready answers. \"The defaults\" are CDK's `NodejsFunction` with the flags of a new app: not minified, the SDK left to the runtime, here this project's `node_modules`.\n\nThe number and size of loaded modules decide, the SDK's above all: of `track-job` about 285 kB are the SDK, 44 kB Powertools and middy, 30 kB the tracker itself.",
  measure,
};
