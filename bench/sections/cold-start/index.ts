import { join } from 'node:path';
import type { Measurements, MeasureOptions, Section, Target } from '../../section.ts';
import { formatNumber, median } from '../../statistics.ts';
import { FINDINGS } from './findings.ts';
import { FUNCTIONS } from './functions.ts';
import { makeIdeas } from './ideas.ts';
import { startCold, type Rounds } from './rounds.ts';
import { cpu, ideaTable, ratiosOf, total, variantTables, type Measure } from './tables.ts';
import { makeVariants, RUNTIME_SDK, SHIPPED, type Variant } from './variants.ts';

const FOLDER = join(import.meta.dirname, '..', '..', '..', '.cache', 'bench', 'cold-start');
const MOST_BYTES = 430_000;
const MOST_RATIO = 0.8;
/** The function that works most often, in which ideas are tried. */
const TRIED = 'track-job';
const ROUNDS = 15;

const targetsOf = (shipped: Variant | undefined, rounds: Rounds): Target[] => {
  const largest = Math.max(...Object.values(shipped?.bytes ?? {}));
  const worst = (of: Measure): number =>
    Math.max(...FUNCTIONS.map(({ name }) => median(ratiosOf(rounds, name, [SHIPPED, RUNTIME_SDK], of))));
  const ratioTarget = (what: string, of: Measure): Target => ({
    what: `${what} of a cold start, over that of the CDK construct's defaults, the worst function`,
    target: `≤ ${MOST_RATIO}×`,
    measured: `${formatNumber(worst(of))}×`,
    met: worst(of) <= MOST_RATIO,
  });
  return [
    {
      what: 'The largest bundled function',
      target: `≤ ${formatNumber(MOST_BYTES / 1000)} kB`,
      measured: `${formatNumber(largest / 1000)} kB`,
      met: largest <= MOST_BYTES,
    },
    ratioTarget('Time', total),
    ratioTarget('Processor time', cpu),
  ];
};

const measure = async ({ quick, say }: MeasureOptions): Promise<Measurements> => {
  const variants = await makeVariants(
    FUNCTIONS.map(({ name }) => name),
    FOLDER,
  );
  const shipped = variants.filter(({ name }) => name === SHIPPED);
  const ideas = [...shipped, ...(await makeIdeas(TRIED, join(FOLDER, 'ideas')))];
  say('variants made');
  const how = { rounds: quick ? 1 : ROUNDS, folder: FOLDER, say };
  const rounds = await startCold({ functions: FUNCTIONS, variants, ...how });
  say('ideas');
  const functions = FUNCTIONS.filter(({ name }) => name === TRIED);
  const tried = await startCold({ functions, variants: ideas, ...how });
  return {
    targets: targetsOf(shipped[0], rounds),
    tables: [...variantTables(variants, rounds), ideaTable(TRIED, ideas, tried)],
  };
};

export const section: Section = {
  title: 'Cold starts',
  method: `Each round starts every function in every variant once, each in a fresh process of Node.js 24 with the variables that Lambda and the stack set; the variants of a function follow each other in random order, and ratios are of one round. Timed are \`require\` (or \`import\`) of the function and its first invocation, with the first calls of its SDK clients: one state change for \`track-job\`, a first sweep of an empty scope for \`reconcile-jobs\`, one new record for \`publish-transitions\`, one transition for \`notify-transition\`. Bedrock, DynamoDB, EventBridge and SNS are a local server of ready answers, and each answer of a function is checked. "As shipped" is what \`npm run build\` makes. The "construct's defaults" are what a synthesis with \`NodejsFunction\` and the flags of a new CDK app makes of the same entries: not minified, the SDK left to the runtime, for which this project's \`node_modules\` with the same version stand; and the same with \`bundleAwsSDK\`. "Unbundled" are the same sources as TypeScript's compiler makes them, file by file, as ES modules with \`node_modules\`. The last table has one function as it ships and with one thing done otherwise, by rounds of its own. A first round is not counted: it brings files into the page cache.`,
  findings: FINDINGS,
  measure,
};
