/**
 * EventBridge and SNS as far as functions put something there: one bus with its events, and one topic with its mails. And
 * STS, which gives a session of any role.
 */
import { randomUUID } from 'node:crypto';
import type { PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import { partitionOf, type Scope } from './call.ts';
import { type SimulatedEvent, toSecond } from './events.ts';

/** A message of the topic, as its subscribers get it by e-mail. */
export interface Mail {
  /** ISO-8601 UTC. */
  readonly at: string;
  readonly subject: string;
  readonly message: string;
}

type Listener<Told> = (told: Told) => void;

/** Mails that are kept. */
const NEWEST = 100;

const json = (body: object, status = 200): Response =>
  new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/x-amz-json-1.1' } });

const xml = (status: number, body: string): Response =>
  new Response(body, { status, headers: { 'content-type': 'text/xml' } });

const SESSION_MS = 3_600_000;

/** Its access key is the account of the role: whoever signs with it is a caller of that account. */
const sessionOf = (roleArn: string, now: number): Response => {
  const [, , , , account = ''] = roleArn.split(':');
  const credentials =
    `<AccessKeyId>${account}</AccessKeyId><SecretAccessKey>local</SecretAccessKey><SessionToken>local</SessionToken>` +
    `<Expiration>${new Date(now + SESSION_MS).toISOString()}</Expiration>`;
  const result = `<AssumeRoleResult><Credentials>${credentials}</Credentials></AssumeRoleResult>`;
  return xml(
    200,
    `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">${result}</AssumeRoleResponse>`,
  );
};

const detailOf = (text: string | undefined): Record<string, unknown> | undefined => {
  try {
    const detail: unknown = JSON.parse(text ?? '');
    return typeof detail === 'object' && detail !== null ? (detail as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
};

export class Messaging {
  readonly #scope: Scope;
  readonly #now: () => number;
  readonly #onEvent = new Set<Listener<SimulatedEvent>>();
  readonly #onMail = new Set<Listener<Mail>>();
  readonly #mails: Mail[] = [];

  constructor(scope: Scope, now: () => number) {
    this.#scope = scope;
    this.#now = now;
  }

  /** The ARN of the topic; SNS is not asked which topics there are. */
  get topicArn(): string {
    const { accountId, region } = this.#scope;
    return `arn:${partitionOf(region)}:sns:${region}:${accountId}:bedrock-jobs`;
  }

  /** Hears of each event on the bus. */
  onEvent(listener: Listener<SimulatedEvent>): void {
    this.#onEvent.add(listener);
  }

  /** Hears of each message of the topic. */
  onMail(listener: Listener<Mail>): void {
    this.#onMail.add(listener);
  }

  /** The newest first. */
  mails(): readonly Mail[] {
    return this.#mails.toReversed();
  }

  /** Answers PutEvents of EventBridge (JSON), Publish of SNS and AssumeRole of STS (forms), and nothing else. */
  async serve(request: Request): Promise<Response> {
    const text = await request.text();
    if (request.headers.get('x-amz-target') === 'AWSEvents.PutEvents') return this.#putEvents(text);
    const form = new URLSearchParams(text);
    const role = /^arn:[\w-]+:iam::\d{12}:role\/[\w+=,.@/-]+$/.exec(form.get('RoleArn') ?? '')?.[0];
    if (form.get('Action') === 'AssumeRole' && role !== undefined) return sessionOf(role, this.#now());
    return form.get('Action') === 'Publish' ? this.#publish(form) : xml(404, '<UnknownOperationException/>');
  }

  #putEvents(text: string): Response {
    const { Entries } = (detailOf(text) ?? {}) as { readonly Entries?: readonly PutEventsRequestEntry[] };
    if (!Array.isArray(Entries))
      return json({ __type: 'ValidationException', message: 'Entries must be a list.' }, 400);
    const results = (Entries as readonly PutEventsRequestEntry[]).map((entry) => this.#put(entry));
    return json({ FailedEntryCount: results.filter((result) => 'ErrorCode' in result).length, Entries: results });
  }

  #put({ Source, DetailType, Detail, Resources }: PutEventsRequestEntry): object {
    const detail = detailOf(Detail);
    if (detail === undefined) return { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' };
    const event: SimulatedEvent = {
      version: '0',
      id: randomUUID(),
      'detail-type': DetailType ?? '',
      source: Source ?? '',
      account: this.#scope.accountId,
      time: toSecond(this.#now()),
      region: this.#scope.region,
      resources: Resources ?? [],
      detail,
    };
    for (const listener of this.#onEvent) listener(event);
    return { EventId: event.id };
  }

  #publish(form: URLSearchParams): Response {
    const mail: Mail = {
      at: new Date(this.#now()).toISOString(),
      subject: form.get('Subject') ?? '',
      message: form.get('Message') ?? '',
    };
    this.#mails.push(mail);
    if (this.#mails.length > NEWEST) this.#mails.shift();
    for (const listener of this.#onMail) listener(mail);
    const result = `<PublishResult><MessageId>${randomUUID()}</MessageId></PublishResult>`;
    return xml(200, `<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/">${result}</PublishResponse>`);
  }
}
