import { Command } from 'commander';
import type { FileReport } from '../../data-check/check-file.ts';
import type { NamedData } from '../../operator/data/check-data.ts';
import { type CommandContext, Ended, EXIT } from '../context.ts';
import type { SourceFlags } from '../data/source.ts';
import { customizationType, regionName, type Switches, type Texts, withLocalFlags } from '../flags.ts';
import { printJson } from '../output/values.ts';

interface Flags extends SourceFlags, Switches<'json'>, Texts<'validationData'> {
  readonly baseModel: string;
  readonly type: string;
}

const run = async (name: string, flags: Flags, context: CommandContext): Promise<void> => {
  const [{ checkFile, nameProblem }, { sourceOf }, { reportOn }, { verdictOf, wordReport }] = await Promise.all([
    import('../../operator/data/check-data.ts'),
    import('../data/source.ts'),
    import('../../data-check/check-set.ts'),
    import('../data/report.ts'),
  ]);
  const purpose = { baseModel: flags.baseModel, type: flags.type };
  const named: NamedData[] = [
    { name, role: 'training' },
    ...(flags.validationData === undefined ? [] : [{ name: flags.validationData, role: 'validation' } as const]),
  ];
  const source = sourceOf(flags, context);
  const files: FileReport[] = [];
  const unread: string[] = [];
  for (const each of named) {
    const problem = nameProblem(each.name);
    if (problem !== undefined) unread.push(problem);
    // What a folder holds is not known, but a file under another name can be read.
    if (problem === undefined || !each.name.startsWith('s3://')) files.push(await checkFile(each, purpose, source));
  }
  const report = reportOn(purpose, files, { unread, isWhole: files.length === named.length });
  const { terminal } = context;
  if (flags.json === true) printJson(terminal, report);
  else wordReport(report).forEach(terminal.print);
  terminal.tell(verdictOf(report));
  if (!report.ok) throw new Ended(EXIT.failed);
};

const HELP = `
Checks a JSONL file line by line as Bedrock would: encoding, JSON, the format of the model's family, order of roles, empty
answers, images, reserved words, and numbers and sizes against AWS's documented limits. Each bad line is listed with what
to change. docs/check.md lists the rules. For a model without known rules it checks JSON and encoding alone, and says so.

create checks its data in the same way before it sends.

Exit code 0 if no error was found, 1 if a job with the data would fail or S3 refuses to read them, 2 for a wrong use,
such as a path that is not a file.

Examples:
  bedrock-jobs check train.jsonl --base-model amazon.nova-lite-v1:0:300k
  bedrock-jobs check s3://acme/train.jsonl --base-model amazon.nova-lite-v1:0:300k --validation-data s3://acme/val.jsonl
  bedrock-jobs check prompts.jsonl --base-model amazon.nova-2-lite-v1:0:256k --type REINFORCEMENT_FINE_TUNING --json`;

export const checkCommand = (context: CommandContext): Command =>
  withLocalFlags(
    new Command('check')
      .description('Check training data before a job fails for it.')
      .argument('<file>', 'a JSONL file, or its location in S3, s3://…')
      .requiredOption('--base-model <id>', 'model that the data are for: id, ARN or custom model')
      .option('--type <type>', 'kind of customization', customizationType, 'FINE_TUNING')
      .option('--validation-data <file>', 'validation data, checked together with the training data')
      .option('--json', 'the report as JSON')
      .option('--region <name>', 'Region of the bucket (default: yours)', regionName),
  )
    .addHelpText('after', HELP)
    .action((name: string, flags: Flags) => run(name, flags, context));
