import type { JSX } from 'preact';
import type { Overview } from '../../../api.ts';
import { jobsPath } from '../../logic/addresses.ts';
import { formatElapsed, formatLoss, modelName, typeLabel } from '../../logic/format.ts';
import { Empty, Skeleton } from '../../parts/messages.tsx';
import { Card } from '../../parts/page.tsx';

interface ModelsProps {
  readonly models: Overview['models'];
  readonly pending: boolean;
}

/** How long jobs take and how well they do, by base model and type. */
export const Models = ({ models, pending }: ModelsProps): JSX.Element => (
  <Card title="Models" id="models">
    {pending ? (
      <Skeleton lines={4} />
    ) : models.length === 0 ? (
      <Empty title="No job in the last 30 days" />
    ) : (
      <div class="scroll" role="group" aria-label="Models" tabIndex={0}>
        <table class="table">
          <thead>
            <tr>
              <th scope="col">Base model</th>
              <th scope="col">Type</th>
              <th scope="col" class="right">
                Jobs
              </th>
              <th scope="col" class="right">
                Median duration
              </th>
              <th scope="col" class="right">
                95 % within
              </th>
              <th scope="col" class="right">
                Best training loss
              </th>
            </tr>
          </thead>
          <tbody>
            {models.map(({ baseModelArn, customizationType, jobs, p50, p95, bestTrainingLoss }) => (
              <tr key={`${baseModelArn} ${customizationType}`}>
                <th scope="row">
                  <a href={jobsPath({ baseModel: baseModelArn, customizationType })} title={baseModelArn}>
                    {modelName(baseModelArn)}
                  </a>
                </th>
                <td>{typeLabel(customizationType)}</td>
                <td class="right number">{jobs}</td>
                <td class="right number">{formatElapsed(p50)}</td>
                <td class="right number">{formatElapsed(p95)}</td>
                <td class="right number">{formatLoss(bestTrainingLoss)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    )}
  </Card>
);
