import type { JSX } from 'preact';
import { modelUse } from '../../../../domain/idle.ts';
import type { ModelDetails } from '../../../api.ts';
import { usePolled } from '../../api/hooks.ts';
import { API } from '../../api/http.ts';
import { statusLabel } from '../../logic/format.ts';
import { changesOf, modelTimelineOf } from '../../logic/timeline.ts';
import { CopyButton, Table } from '../../parts/controls.tsx';
import { nameOfModel, ServedBy, USE_COLUMNS, UseCells, useRules } from '../../parts/model.tsx';
import { Card, Page, Problem, Skeleton } from '../../parts/page.tsx';
import { Ago } from '../../parts/time.tsx';
import { Facts, HyperParameters, RawRecord } from '../job/configuration.tsx';
import { FailureCard, History } from '../job/history.tsx';
import { Lineage } from '../job/lineage.tsx';

const COLUMNS = ['Deployment or throughput', 'Status', ['Since', 'right'], ...USE_COLUMNS] as const;

const Content = ({ details }: { readonly details: ModelDetails }): JSX.Element => {
  const { model } = details;
  const rules = useRules();
  const use = modelUse(model, rules);
  const served = [...model.provisioned_throughputs, ...model.deployments];
  return (
    <>
      <Facts arn={model.model_arn} record={model} />
      {model.failure_message !== undefined && <FailureCard message={model.failure_message} />}
      <Card title="Served by" id="serving">
        {use.serving.length === 0 && <p class="muted">Nothing serves this model.</p>}
        <Table label="Served by" class="models" columns={COLUMNS}>
          {use.serving.map((one) => (
            <tr key={one.entry.arn}>
              <th scope="row">
                <div class="row">
                  <ServedBy serving={[one]} />
                  <CopyButton text={one.entry.arn} what={`the ARN of the ${one.kind}`} />
                </div>
              </th>
              <td>{statusLabel(one.entry.status)}</td>
              <td class="right">
                <Ago time={one.entry.since} />
              </td>
              <UseCells use={{ serving: [one] }} lastUsed={one.usage?.last_used_at} />
            </tr>
          ))}
        </Table>
      </Card>
      <div class="columns job-columns">
        <div class="column">
          <History
            timeline={modelTimelineOf(model, rules.now.getTime())}
            changes={changesOf(model)}
            record={model}
            nameOf={(arn = 'Model') => served.find((entry) => entry.arn === arn)?.name ?? arn}
          />
        </div>
        <div class="column">
          <Lineage details={details} />
          <HyperParameters job={model} />
        </div>
      </div>
      <RawRecord job={model} />
    </>
  );
};

/** One model: what serves it, its history and use, and where it comes from. */
export const ModelPage = ({ arn }: { readonly arn: string }): JSX.Element => {
  const { value, problem, reload } = usePolled<ModelDetails>(API.model(arn));
  return (
    <Page title={value === undefined ? 'Model' : nameOfModel(value.model)}>
      {problem !== undefined && <Problem problem={problem} retry={reload} />}
      {value !== undefined ? <Content details={value} /> : problem === undefined && <Skeleton lines={10} />}
    </Page>
  );
};
