import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import pMap from 'p-map';
import { curveFiles, outputFolderOf } from '../../../operator/loss-curves/index.ts';
import { jobIdOf } from '../../../domain/identity.ts';
import { pluralize } from '../../../domain/text.ts';
import { type Check, doesNotHold, type Finding, holds, notChecked, type Patient, some } from '../check.ts';
import { type LookedAt, MOST } from '../evidence.ts';

/** These train without a file of losses. */
const WITHOUT_LOSSES: readonly (string | undefined)[] = ['REINFORCEMENT_FINE_TUNING', 'IMPORTED'];

const hasLosses = ({ got }: LookedAt): boolean =>
  got.status === 'Completed' && !WITHOUT_LOSSES.includes(got.customizationType) && got.outputDataConfig?.s3Uri !== '';

/** One job of each base model: the layout may differ by model. */
const oneOfEachModel = (jobs: readonly LookedAt[]): LookedAt[] => [
  ...new Map(jobs.map((job) => [job.got.baseModelArn, job])).values(),
];

/** What lies in the folder of a job's output: where a curve is expected, where nothing is, or something else. */
const lookInto = async ({ clients }: Patient, { scope, got }: LookedAt): Promise<'curve' | 'nothing' | 'other'> => {
  const folder = outputFolderOf({
    job_arn: got.jobArn ?? '',
    job_id: jobIdOf(got.jobArn ?? '') ?? '',
    output_data_config: { s3_uri: got.outputDataConfig?.s3Uri ?? '' },
  });
  const { Contents = [] } = await clients
    .s3(scope.region)
    .send(new ListObjectsV2Command({ Bucket: folder.bucket, Prefix: folder.prefix }));
  if (Contents.length === 0) return 'nothing';
  const objects = Contents.map(({ Key: key = '' }) => ({ key }));
  return curveFiles('training', folder.prefix, objects).length > 0 ? 'curve' : 'other';
};

const layout = async (patient: Patient): Promise<Finding> => {
  const jobs = oneOfEachModel((await patient.evidence.jobs()).filter(hasLosses)).slice(0, MOST.outputs);
  if (jobs.length === 0) return notChecked('Bedrock lists no completed job here that writes losses.');
  const found = await pMap(jobs, async (job) => ({ job, what: await lookInto(patient, job) }));
  const of = (wanted: string) =>
    found.filter(({ what }) => what === wanted).map(({ job: { got } }) => got.baseModelArn?.split('/').at(-1) ?? '?');
  const [curves, others] = [of('curve'), of('other')];
  if (others.length > 0) {
    return doesNotHold(
      `The output of a job of ${some(others)} has no training_artifacts/step_wise_training_metrics.csv, so "bedrock-jobs ` +
        'metrics" draws nothing. Report it with --record.',
    );
  }
  if (curves.length === 0)
    return notChecked('Nothing lies where the jobs wrote their output: it was deleted or moved.');
  return holds(`${pluralize(curves.length, 'base model')}: ${some(curves)}`);
};

/** Where jobs write their losses. */
export const OUTPUT_CHECKS: readonly Check[] = [
  { id: 's3-output', title: 'The S3 output of jobs has the known layout', needs: 'bedrock', run: layout },
];
