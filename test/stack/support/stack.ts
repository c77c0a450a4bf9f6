/** What the checks are told about the environment that they run in. */

export interface Stack {
  /** The stack's name. */
  readonly name: string;
  readonly account: string;
  readonly region: string;
  /** The address of the emulated AWS. */
  readonly endpoint: string;
  /** The file of the certificate that the emulator shows. */
  readonly certificate: string;
  /** The address of the simulated Bedrock. */
  readonly bedrockUrl: string;
  /** The Python that has boto3 and the AWS CLI. */
  readonly python: string;
  /** Logs, templates and all other files of this run. */
  readonly folder: string;
  /** The stack's outputs by name. */
  readonly outputs: Readonly<Record<string, string>>;
}

/** The name of the variable by which the checks get it. */
export const STACK_VARIABLE = 'DEPLOYED_STACK';

/** The variables of somebody who works in the account, and has no other configuration. */
export const environmentOf = ({
  endpoint,
  certificate,
  account,
  region,
  folder,
}: Stack): Readonly<Record<string, string | undefined>> => ({
  PATH: process.env['PATH'],
  HOME: folder,
  AWS_ENDPOINT_URL: endpoint,
  AWS_ACCESS_KEY_ID: account,
  AWS_SECRET_ACCESS_KEY: 'test',
  AWS_REGION: region,
  AWS_DEFAULT_REGION: region,
  AWS_CA_BUNDLE: certificate,
  NODE_EXTRA_CA_CERTS: certificate,
  AWS_CONFIG_FILE: `${folder}/no-config`,
  AWS_SHARED_CREDENTIALS_FILE: `${folder}/no-credentials`,
  AWS_EC2_METADATA_DISABLED: 'true',
});

/** The stack that this process is to check. */
export const deployedStack = (): Stack => {
  const text = process.env[STACK_VARIABLE];
  if (text === undefined) throw new Error('There is no deployed stack to check: run npm run test:stack.');
  return JSON.parse(text) as Stack;
};
