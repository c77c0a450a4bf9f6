/** Tags: of jobs only, each key once. */
import { ApiError, invalid } from './errors.ts';
import { type ListTagsRequest, MAX_TAGS, type TagRequest, type UntagRequest } from '../service-model/model.ts';
import type { CallContext } from './call.ts';
import { jobByArn } from './find-job.ts';
import type { Job } from './jobs.ts';

interface Tag {
  readonly key: string;
  readonly value: string;
}

const uniqueTags = (tags: readonly Tag[]): Map<string, string> => {
  const unique = new Map(tags.map(({ key, value }) => [key, value]));
  if (unique.size < tags.length) throw invalid('Tag keys must be unique: a key is in the request more than once.');
  return unique;
};

/**
 * A resource's tags with those of a request. Throws ValidationException where a key comes twice in the request, and
 * TooManyTagsException, which names the resource where it exists already.
 */
export const withTags = (
  existing: ReadonlyMap<string, string>,
  tags: readonly Tag[],
  resourceName?: string,
): Map<string, string> => {
  const all = new Map([...existing, ...uniqueTags(tags)]);
  if (all.size > MAX_TAGS)
    throw new ApiError(
      'TooManyTagsException',
      `A resource can have at most ${MAX_TAGS} tags.`,
      resourceName === undefined ? {} : { resourceName },
    );
  return all;
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
  for (const [key, value] of withTags(job.tags, tags, resourceARN)) job.tags.set(key, value);
  return {};
};

export const untag = ({ resourceARN, tagKeys }: UntagRequest, context: CallContext): object => {
  const job = taggedJob(resourceARN, context);
  for (const key of tagKeys) job.tags.delete(key);
  return {};
};
