/** Tags: of jobs only, each key once, at most 200. */
import { ApiError, invalid } from './errors.ts';
import type { ListTagsRequest, TagRequest, UntagRequest } from '../../service-model/model.ts';
import type { CallContext } from './call.ts';
import { jobByArn } from './find-job.ts';
import type { Job } from './jobs.ts';

const MAX_TAGS = 200;

interface Tag {
  readonly key: string;
  readonly value: string;
}

/** Throws ValidationException where a key comes twice. */
export const uniqueTags = (tags: readonly Tag[]): Map<string, string> => {
  const unique = new Map(tags.map(({ key, value }) => [key, value]));
  if (unique.size < tags.length) throw invalid('Tag keys must be unique: a key is in the request more than once.');
  return unique;
};

/** Other kinds of Bedrock resources may have tags, but none of them lives here. */
const taggedJob = (resourceARN: string, context: CallContext): Job => {
  const job = resourceARN.startsWith('arn:') ? jobByArn(resourceARN, context) : undefined;
  if (!job) throw new ApiError('ResourceNotFoundException', `The resource ${resourceARN} could not be found.`);
  return job;
};

export const listTags = (
  { resourceARN }: ListTagsRequest,
  context: CallContext,
): { readonly tags: readonly Tag[] } => ({
  tags: [...taggedJob(resourceARN, context).tags].map(([key, value]) => ({ key, value })),
});

export const tag = ({ resourceARN, tags }: TagRequest, context: CallContext): object => {
  const job = taggedJob(resourceARN, context);
  const added = uniqueTags(tags);
  const keys = new Set([...job.tags.keys(), ...added.keys()]);
  if (keys.size > MAX_TAGS)
    throw new ApiError('TooManyTagsException', `A resource can have at most ${MAX_TAGS} tags.`, {
      resourceName: resourceARN,
    });
  for (const [key, value] of added) job.tags.set(key, value);
  return {};
};

export const untag = ({ resourceARN, tagKeys }: UntagRequest, context: CallContext): object => {
  const job = taggedJob(resourceARN, context);
  for (const key of tagKeys) job.tags.delete(key);
  return {};
};
