import { describe, expect, it } from '@jest/globals';
import { METRIC, METRIC_NAMESPACE, RUNBOOK_URL } from '../../lib/contract.ts';
import { fullTemplate, resourceOf, synthesize } from './support.ts';

interface Widget {
  readonly type: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly properties: {
    readonly title?: string;
    readonly markdown?: string;
    readonly alarms?: unknown[];
    readonly metrics?: readonly (readonly unknown[])[];
    readonly yAxis?: { readonly left?: { readonly label: string }; readonly right?: { readonly label: string } };
  };
}

const dashboard = resourceOf(fullTemplate(), 'AWS::CloudWatch::Dashboard', '').Properties as {
  DashboardBody: { 'Fn::Join': [string, unknown[]] };
};
/** The body, with whatever CloudFormation fills in as "token". */
const [separator, parts] = dashboard.DashboardBody['Fn::Join'];
const body = parts.map((part) => (typeof part === 'string' ? part : 'token')).join(separator);
const { widgets } = JSON.parse(body) as { widgets: Widget[] };
const graphs = widgets.filter(({ properties }) => properties.metrics);
const metricsOf = (widget: Widget): readonly (readonly unknown[])[] => widget.properties.metrics ?? [];

describe('the dashboard', () => {
  it('shows every metric of the tracker but the state of event sources, which the alarms show', () => {
    const shown = graphs.flatMap(metricsOf).filter(([namespace]) => namespace === METRIC_NAMESPACE);
    const expected = Object.values(METRIC).filter((name) => name !== METRIC.eventSourceEnabled);
    expect(new Set(shown.map(([, name]) => name))).toEqual(new Set(expected));
    for (const metric of shown) expect(metric.join(' ')).toContain('service bedrock-job-tracker');
  });

  it('shows every queue and alarm, and errors, throttles and duration of every function', () => {
    const of = (name: string) => graphs.flatMap(metricsOf).filter((metric) => metric[1] === name);
    expect(of('ApproximateNumberOfMessagesVisible')).toHaveLength(7);
    for (const name of ['Errors', 'Throttles', 'Duration']) expect(of(name)).toHaveLength(4);
    expect(of('IteratorAge')).toHaveLength(1);
    expect(widgets.find(({ type }) => type === 'alarm')?.properties.alarms).toHaveLength(27);
  });

  it('names every graph and every axis that has a metric', () => {
    expect(graphs).toHaveLength(9);
    for (const graph of graphs) {
      expect(graph.properties.title).toMatch(/^[A-Z]/);
      expect(graph.properties.yAxis?.left?.label).toMatch(/^[a-z]/);
      const onTheRight = metricsOf(graph).some((metric) => JSON.stringify(metric).includes('"yAxis":"right"'));
      expect(graph.properties.yAxis?.right !== undefined).toBe(onTheRight);
    }
  });

  it('fits on one screen, and no widget lies on another', () => {
    for (const { x, width } of widgets) expect(x + width).toBeLessThanOrEqual(24);
    expect(Math.max(...widgets.map(({ y, height }) => y + height))).toBeLessThanOrEqual(20);
    const cells = widgets.flatMap(({ x, y, width, height }) =>
      Array.from({ length: width * height }, (_, cell) => `${x + (cell % width)},${y + Math.floor(cell / width)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
  });

  it('shows troubled scopes in a hub alone', () => {
    const single = JSON.stringify(resourceOf(synthesize(), 'AWS::CloudWatch::Dashboard', ''));
    for (const name of [METRIC.scopesFailing, METRIC.scopesReleased]) expect(single).not.toContain(name);
  });

  it('stays within the 50 metrics of a dashboard that CloudWatch gives for nothing', () => {
    expect(graphs.flatMap(metricsOf).length).toBeLessThanOrEqual(50);
  });

  it('has no physical name, so that two trackers fit into one account, and links to the runbook', () => {
    expect(dashboard).not.toHaveProperty('DashboardName');
    expect(widgets[0]?.properties.markdown).toContain(`[An alarm rings](${RUNBOOK_URL}#alarms)`);
    const own = synthesize({ runbookUrl: 'https://wiki.example.com/Runbook_(jobs)' });
    expect(JSON.stringify(resourceOf(own, 'AWS::CloudWatch::Dashboard', ''))).toContain(
      '[An alarm rings](https://wiki.example.com/Runbook_%28jobs%29#alarms)',
    );
  });
});
