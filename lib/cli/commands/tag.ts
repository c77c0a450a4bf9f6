import { Command } from 'commander';
import type { GenericSchema } from 'valibot';
import { TrackerError } from '../../domain/errors.ts';
import { TagRequest, UntagRequest } from '../../service-model/model.ts';
import { check } from '../../service-model/validation.ts';
import {
  type JobFlags,
  placeOf,
  type Switches,
  type TrackerFlags,
  withJobArgument,
  withTrackerFlags,
} from '../flags.ts';
import type { CommandContext, Connection } from '../context.ts';
import { arnOf, nameJob, onJob } from '../job-argument.ts';
import { printJson } from '../output/values.ts';
import { type Column, formatTable } from '../output/table.ts';
import { parsePairs, type Tag } from '../../operator/spec/flags.ts';
import { explainProblems, formatProblems, type SpecProblem } from '../../operator/spec/problems.ts';
import { checkReservedKeys, checkTagCount } from '../../operator/spec/rules.ts';

type Flags = TrackerFlags & JobFlags & Switches<'json'>;

/** A valid ARN for checks before the real one is known. */
const ANY_JOB =
  'arn:aws:bedrock:us-east-1:111122223333:model-customization-job/amazon.nova-lite-v1:0:300k/abcdefghwxyz';

/** The service model's problems of a request, each at its argument. */
const modelProblems = (schema: GenericSchema, request: object, args: readonly string[]): SpecProblem[] =>
  explainProblems(check(schema, request).problems ?? [], request).map(({ path, text }) => {
    const position = /\[(\d+)\]/.exec(path)?.[1];
    return { where: position === undefined ? path : (args[Number(position)] ?? path), text };
  });

const refuse = (problems: readonly SpecProblem[]): void => {
  if (problems.length > 0) throw new TrackerError('BAD_REQUEST', formatProblems(problems, 'The request'));
};

/** The tags of arguments such as `team=ml`, all checked. */
export const tagsOf = (args: readonly string[]): readonly Tag[] => {
  const { pairs, problems } = parsePairs(args, '');
  const names = pairs.map(({ key, value }) => `${key}=${value}`);
  refuse([
    ...problems,
    ...modelProblems(TagRequest, { resourceARN: ANY_JOB, tags: pairs }, names),
    ...checkTagCount(pairs.length, 'tags'),
    ...checkReservedKeys(pairs.map(({ key }) => key)),
  ]);
  return pairs;
};

/** The keys of arguments, all checked; each once. */
export const keysOf = (args: readonly string[]): readonly string[] => {
  const tagKeys = [...new Set(args)];
  refuse([...modelProblems(UntagRequest, { resourceARN: ANY_JOB, tagKeys }, tagKeys), ...checkReservedKeys(tagKeys)]);
  return tagKeys;
};

const COLUMNS: readonly Column<Tag>[] = [
  { title: 'KEY', value: ({ key }) => key, importance: 2, least: 8 },
  { title: 'VALUE', value: ({ value }) => value, importance: 1, least: 8 },
];

const showTags = async (
  { terminal }: CommandContext,
  connection: Connection,
  { jobArn, region, json }: { readonly jobArn: string; readonly region: string; readonly json: boolean },
): Promise<void> => {
  const { ListTagsForResourceCommand } = await import('@aws-sdk/client-bedrock');
  const { tags = [] } = await connection.bedrock(region).send(new ListTagsForResourceCommand({ resourceARN: jobArn }));
  const sorted = tags
    .map(({ key = '', value = '' }) => ({ key, value }))
    .toSorted((a, b) => (a.key < b.key ? -1 : Number(a.key > b.key)));
  if (json) {
    printJson(terminal, { jobArn, tags: Object.fromEntries(sorted.map(({ key, value }) => [key, value])) });
    return;
  }
  if (sorted.length === 0) terminal.tell(`${jobArn} has no tags.`);
  else for (const line of formatTable(COLUMNS, sorted, terminal)) terminal.print(line);
};

type Change = (bedrock: ReturnType<Connection['bedrock']>, resourceARN: string) => Promise<unknown>;

const changeTags = async (
  text: string,
  flags: Flags,
  context: CommandContext,
  { change, done }: { readonly change: Change; readonly done: string },
): Promise<void> => {
  const connection = await context.connect(flags);
  const named = await nameJob(connection, text, placeOf(flags));
  const { region } = named;
  const jobArn = await onJob(connection, named, context.clock(), () => arnOf(connection, named));
  await change(connection.bedrock(region), jobArn);
  context.terminal.tell(
    `${done}. The record follows by an event if there is a CloudTrail trail, else with the next full sweep.`,
  );
  await showTags(context, connection, { jobArn, region, json: flags.json === true });
};

export const tagCommand = (context: CommandContext): Command =>
  withTrackerFlags(
    withJobArgument(new Command('tag').description('Add tags to a job, or change their values. Prints its tags.'))
      .argument('<key=value...>', 'tags')
      .option('--json', 'the tags as JSON')
      .addHelpText('after', '\nExamples:\n  bedrock-jobs tag support-triage-7 stage=prod team=nlp'),
  ).action(async (job: string, args: readonly string[], flags: Flags) => {
    const tags = [...tagsOf(args)];
    const { TagResourceCommand } = await import('@aws-sdk/client-bedrock');
    await changeTags(job, flags, context, {
      change: (bedrock, resourceARN) => bedrock.send(new TagResourceCommand({ resourceARN, tags })),
      done: 'Tagged',
    });
  });

export const untagCommand = (context: CommandContext): Command =>
  withTrackerFlags(
    withJobArgument(new Command('untag').description('Remove tags from a job. Prints the remaining tags.'))
      .argument('<key...>', 'keys of the tags; unknown keys are ignored')
      .option('--json', 'the tags as JSON')
      .addHelpText('after', '\nExamples:\n  bedrock-jobs untag support-triage-7 stage'),
  ).action(async (job: string, args: readonly string[], flags: Flags) => {
    const tagKeys = [...keysOf(args)];
    const { UntagResourceCommand } = await import('@aws-sdk/client-bedrock');
    await changeTags(job, flags, context, {
      change: (bedrock, resourceARN) => bedrock.send(new UntagResourceCommand({ resourceARN, tagKeys })),
      done: 'Untagged',
    });
  });
