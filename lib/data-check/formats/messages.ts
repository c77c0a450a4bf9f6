/** What conversations of all formats have in common. */
import { isAbsent, isObject, type JsonObject, quoted, type Tell } from '../problems.ts';

/** What the rules of a whole file need of a record. */
export interface RecordFacts {
  /** What counts as text of the record. */
  readonly texts: readonly string[];
  /** Buckets of its images and videos, one entry each; empty text where a location has none. */
  readonly image?: readonly string[];
  readonly video?: readonly string[];
}

const VERSION = 'bedrock-conversation-2024';

export const checkSchemaVersion = ({ schemaVersion: given }: JsonObject, strict: boolean, tell: Tell): void => {
  const isRight = strict ? given === undefined || given === VERSION : isAbsent(given) || typeof given === 'string';
  if (!isRight) tell.error('schemaVersion', `must be "${VERSION}", not ${quoted(given)}`);
};

/** Tells of words that Nova keeps for itself. */
export const checkReserved = (
  text: string,
  path: string,
  { reserved }: { readonly reserved?: RegExp },
  tell: Tell,
): void => {
  const word = reserved?.exec(text)?.[0];
  if (word !== undefined)
    tell.error(path, `has the reserved word ${quoted(word)}, which makes the training fail: write it differently`);
};

/** The messages of a record: a list of objects. Tells what else they are. */
export const messagesOf = (record: JsonObject, tell: Tell): readonly unknown[] | undefined => {
  const { messages } = record;
  if (!Array.isArray(messages)) {
    const hint = 'prompt' in record ? ': this is the format of other models' : '';
    if (messages === undefined) tell.error('messages', `are missing${hint}`);
    else tell.error('messages', `must be a list, not ${quoted(messages)}`);
    return undefined;
  }
  if (messages.length === 0) tell.error('messages', 'are empty');
  messages.forEach((message: unknown, index) => {
    if (!isObject(message)) tell.error(`messages[${index}]`, `must have role and content, not be ${quoted(message)}`);
  });
  return messages as readonly unknown[];
};

const roleOf = (message: unknown): unknown => (isObject(message) ? message['role'] : undefined);

/** What a conversation ends with: an answer, or where the answer is optional, anything. */
type End = 'answer' | 'anything';

/** Tells the first message that is out of turn: the user begins, then both alternate. */
export const checkOrder = (messages: readonly unknown[], end: End, tell: Tell): void => {
  if (messages.length === 0) return;
  for (const [index, message] of messages.entries()) {
    const role = roleOf(message);
    const expected = index % 2 === 0 ? 'user' : 'assistant';
    if (role === expected) continue;
    if (!isObject(message)) return;
    const hint =
      role === 'system'
        ? ': write it as "system" beside "messages"'
        : index === 0
          ? ': the user begins'
          : ': user and assistant alternate';
    tell.error(`messages[${index}].role`, `must be "${expected}", not ${quoted(role ?? null)}${hint}`);
    return;
  }
  if (end === 'answer' && messages.length % 2 === 1)
    tell.error('messages', 'end without an answer of the assistant: add it, or remove the last prompt');
};
