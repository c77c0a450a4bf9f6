import { join } from 'node:path';
import { BedrockClient } from '@aws-sdk/client-bedrock';
import { ENV, spokeRoleName } from '../contract.ts';
import { TrackerError } from '../domain/errors.ts';
import type { Scope } from '../domain/identity.ts';
import { claimTablesFolder } from './tables.ts';
import { callerAccount, createClients } from '../operator/clients.ts';
import { onPort } from '../loopback.ts';
import { seedHistory } from './history.ts';
import type { LocalOptions } from './options.ts';
import { repeat } from './lambda.ts';
import { startBedrockSimulator, StateFileError, type BedrockSimulator, type Messaging } from '../simulator/index.ts';
import { simulateTeams } from './workload.ts';

/** Where a local run's jobs come from. */
export interface BedrockSource {
  readonly scopes: readonly Scope[];
  /** The folder of what this source's jobs leave: records of different sources must not mix. */
  readonly dataDir: string;
  /** The folder of the tables in it, claimed for this run. */
  readonly tablesDir: string;
  /** The simulator's endpoint; absent for AWS. */
  readonly url?: string;
  /** The bus and the topic: simulated, whatever Bedrock is. */
  readonly messaging: Messaging;
  /** Where a person reads the mails. */
  readonly mailsUrl: string;
  /** The environment that the SDK finds this source by. An undefined value takes a variable away. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Hears of events; none come from AWS, where sweeps alone follow the jobs. */
  readonly onEvent: (listener: (event: unknown) => void) => void;
  /** Begins what makes jobs, once all that follows them runs. */
  readonly play: () => void;
  readonly close: () => Promise<void>;
}

const SIMULATED_ACCOUNT = '123456789012';
const CREATE_EVERY_MS = 4_000;

/** EventBridge delivers at least once and in any order, so a local run does from the start. */
const EVENT_FAULTS = { duplicateProbability: 0.1, reorderProbability: 0.1 };

/**
 * How many state changes of the simulated teams' jobs get lost, so that sweeps have something to find. Those of a job
 * that a person makes do not, unless they set the simulator's faults: its record follows at once.
 */
const LOST_SHARE = 0.3;

const regionOf = ({ regions }: LocalOptions): string => regions[0] ?? 'us-east-1';

const startSimulator = async (
  options: LocalOptions,
  accountId: string,
  stateFile?: string,
): Promise<BedrockSimulator> => {
  const region = regionOf(options);
  try {
    return await onPort(options.bedrockPort, '--bedrock-port', (port) =>
      startBedrockSimulator({
        port,
        accountId,
        region,
        speed: options.speed,
        seed: Date.now(),
        ...(stateFile !== undefined && { stateFile }),
        faults: { events: { enabled: options.events, ...EVENT_FAULTS } },
      }),
    );
  } catch (error) {
    if (!(error instanceof StateFileError)) throw error;
    throw new TrackerError('LOCAL_RUN_REFUSED', error.message, { cause: error });
  }
};

/** What functions publish goes to the simulator, also where their jobs are AWS's own. */
const messagingOf = ({ url, messaging }: BedrockSimulator) => ({
  messaging,
  mailsUrl: `${url}/_simulator/mails`,
  environment: { AWS_ENDPOINT_URL_EVENTBRIDGE: url, AWS_ENDPOINT_URL_SNS: url },
});

const simulator = async (options: LocalOptions): Promise<BedrockSource> => {
  const scopes = options.regions.map((region) => ({ accountId: SIMULATED_ACCOUNT, region }));
  const dataDir = join(options.dataDir, 'simulator');
  // Before the simulator touches its state, which another run may be writing.
  const tablesDir = await claimTablesFolder(dataDir);
  const bedrock = await startSimulator(options, SIMULATED_ACCOUNT, join(dataDir, 'bedrock.json'));
  const stops: (() => Promise<void>)[] = [];
  const teams = simulateTeams(
    new BedrockClient({
      endpoint: bedrock.url,
      region: regionOf(options),
      credentials: { accessKeyId: SIMULATED_ACCOUNT, secretAccessKey: 'local' },
    }),
    bedrock.use,
  );
  const { environment, ...messaging } = messagingOf(bedrock);
  return {
    scopes,
    dataDir,
    tablesDir,
    url: bedrock.url,
    ...messaging,
    environment: {
      ...environment,
      AWS_ENDPOINT_URL_BEDROCK: bedrock.url,
      AWS_ENDPOINT_URL_CLOUDWATCH: bedrock.url,
      // Whoever makes jobs in another account or Region of the simulator registers it, as a spoke does.
      AWS_ENDPOINT_URL_STS: bedrock.url,
      [ENV.homeAccount]: SIMULATED_ACCOUNT,
      [ENV.spokeRoleArn]: `arn:aws:iam::{account}:role/${spokeRoleName('local', '{region}')}`,
      [ENV.spokeExternalId]: 'local',
      // The simulator serves what its jobs write.
      AWS_ENDPOINT_URL_S3: bedrock.url,
      // Credentials of its own: nothing of the user's account is needed here, nor would any of it be used.
      AWS_ACCESS_KEY_ID: SIMULATED_ACCOUNT,
      AWS_SECRET_ACCESS_KEY: 'local',
      AWS_SESSION_TOKEN: undefined,
      AWS_PROFILE: undefined,
    },
    onEvent: (listener) =>
      void bedrock.onEvent((event) => {
        const isLost = teams.made(event.detail['jobName']) && Math.random() < LOST_SHARE;
        if (!isLost) listener(event);
      }),
    play: () => {
      if (options.activeJobs === 0) return;
      seedHistory(bedrock, { accountId: SIMULATED_ACCOUNT, region: regionOf(options) });
      // The simulated teams meet the simulator's faults like anyone; what fails is tried again in the next round.
      stops.push(repeat(CREATE_EVERY_MS, () => teams.play(options.activeJobs).catch(() => undefined)));
      stops.push(repeat(CREATE_EVERY_MS, () => teams.serve().catch(() => undefined)));
    },
    close: async () => {
      await Promise.all(stops.map((stop) => stop()));
      await bedrock.close();
    },
  };
};

const aws = async (options: LocalOptions): Promise<BedrockSource> => {
  const accountId = await callerAccount(createClients(regionOf(options)).sts());
  const dataDir = join(options.dataDir, `aws-${accountId}`);
  const tablesDir = await claimTablesFolder(dataDir);
  const simulated = await startSimulator(options, accountId);
  const nothing = () => undefined;
  return {
    scopes: options.regions.map((region) => ({ accountId, region })),
    dataDir,
    tablesDir,
    ...messagingOf(simulated),
    onEvent: nothing,
    play: nothing,
    close: () => simulated.close(),
  };
};

/** Bedrock as the options choose it. */
export const openBedrockSource = (options: LocalOptions): Promise<BedrockSource> =>
  options.bedrock === 'aws' ? aws(options) : simulator(options);
