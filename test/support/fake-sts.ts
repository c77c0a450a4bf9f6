import { serve, type HttpAnswer, type HttpRequest } from './integration/http.ts';

/** One AssumeRole as it was asked for. */
export interface AssumedRole {
  readonly roleArn: string;
  readonly sessionName: string;
  readonly externalId: string | null;
  readonly durationSeconds: string | null;
  /** The SigV4 header: names the caller's access key and the Region of the endpoint. */
  readonly authorization: string;
}

/** STS on a port of this machine: gives sessions whose access key is the account of the role, as the simulator has it. */
export interface FakeSts {
  readonly url: string;
  readonly assumed: readonly AssumedRole[];
  /** The roles that nobody may assume. */
  readonly denied: Set<string>;
  /** What a session lasts, in ms. */
  lifetimeMs: number;
  /** Replace it to disturb; it answers AssumeRole by default. */
  around: (forward: () => HttpAnswer) => Promise<HttpAnswer>;
  readonly forget: () => void;
  readonly close: () => Promise<void>;
}

const NAMESPACE = 'https://sts.amazonaws.com/doc/2011-06-15/';
const xml = (status: number, body: string): HttpAnswer => ({ status, headers: { 'content-type': 'text/xml' }, body });

/** An error as STS words it. */
export const stsError = (status: number, code: string, message: string): HttpAnswer =>
  xml(
    status,
    `<ErrorResponse xmlns="${NAMESPACE}"><Error><Type>Sender</Type><Code>${code}</Code>` +
      `<Message>${message}</Message></Error><RequestId>1</RequestId></ErrorResponse>`,
  );

const session = (roleArn: string, expiration: Date): HttpAnswer => {
  const [, , , , account = ''] = roleArn.split(':');
  // The token tells when it ends, so that a test can see whether a call came with one that was over.
  const token = `${roleArn}|${expiration.toISOString()}`;
  return xml(
    200,
    `<AssumeRoleResponse xmlns="${NAMESPACE}"><AssumeRoleResult>` +
      `<AssumedRoleUser><AssumedRoleId>A:b</AssumedRoleId><Arn>${roleArn}</Arn></AssumedRoleUser>` +
      `<Credentials><AccessKeyId>${account}</AccessKeyId><SecretAccessKey>secret</SecretAccessKey>` +
      `<SessionToken>${token}</SessionToken><Expiration>${expiration.toISOString()}</Expiration></Credentials>` +
      `</AssumeRoleResult><ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></AssumeRoleResponse>`,
  );
};

const assumedBy = ({ body, headers }: HttpRequest): AssumedRole => {
  const form = new URLSearchParams(body);
  if (form.get('Action') !== 'AssumeRole') throw new Error(`Not an AssumeRole: ${body}`);
  return {
    roleArn: form.get('RoleArn') ?? '',
    sessionName: form.get('RoleSessionName') ?? '',
    externalId: form.get('ExternalId'),
    durationSeconds: form.get('DurationSeconds'),
    authorization: headers.authorization ?? '',
  };
};

export const startFakeSts = async (): Promise<FakeSts> => {
  let assumed: AssumedRole[] = [];
  const denied = new Set<string>();
  const server = await serve(async (request) => {
    const asked = assumedBy(request);
    assumed.push(asked);
    return sts.around(() =>
      denied.has(asked.roleArn)
        ? stsError(
            403,
            'AccessDenied',
            `User is not authorized to perform: sts:AssumeRole on resource: ${asked.roleArn}`,
          )
        : session(asked.roleArn, new Date(Date.now() + sts.lifetimeMs)),
    );
  });
  const sts: FakeSts = {
    url: server.url,
    get assumed() {
      return assumed;
    },
    denied,
    lifetimeMs: 3_600_000,
    around: (forward) => Promise.resolve(forward()),
    forget: () => {
      assumed = [];
    },
    close: server.close,
  };
  return sts;
};
