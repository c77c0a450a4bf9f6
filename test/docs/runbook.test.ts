import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { PARAMETER, RUNBOOK_URL, SPOKE_PARAMETER, SWEEP_FAILURE } from '../../lib/contract.ts';
import { BedrockJobTracker } from '../../lib/infra/bedrock-job-tracker.ts';
import { FULL_PROPS, fullTemplate, readable, resourcesOf, stubs, toTemplate } from '../infra/support.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');
const runbook = read('docs/runbook.md');

const matches = (text: string, pattern: RegExp): string[] => [...text.matchAll(pattern)].map((match) => match[1] ?? '');
const unique = (names: readonly string[]): string[] => [...new Set(names)].sort();
const anchor = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\w -]/g, '')
    .replaceAll(' ', '-');

/** What stands below a heading of the second level. */
const chapter = (heading: string): string => runbook.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
const paragraphs = matches(chapter('Alarms'), /^### (.+)$/gm);
const paragraph = (heading: string): string =>
  chapter('Alarms').split(`\n### ${heading}\n`)[1]?.split('\n### ')[0] ?? '';

const described = resourcesOf(fullTemplate(), 'AWS::CloudWatch::Alarm').map(
  ([id, { Properties }]): [alarm: string, anchor: string] => {
    const { AlarmDescription } = Properties as { AlarmDescription: string };
    return [id.replace(/^TrackerAlarms(.+?)[0-9A-F]{8}$/, '$1'), AlarmDescription.split(`${RUNBOOK_URL}#`)[1] ?? ''];
  },
);

describe('docs/runbook.md and the alarms', () => {
  it.each(described)('%s has the paragraph that its description names', (_alarm, paragraph) => {
    expect(paragraphs.map(anchor)).toContain(paragraph);
  });

  it.each(paragraphs)('"%s" is the paragraph of an alarm', (heading) => {
    expect(described.map(([, paragraph]) => paragraph)).toContain(anchor(heading));
  });

  it.each(paragraphs)('"%s" says what it means, what to check and how to fix it', (heading) => {
    expect(paragraph(heading)).toMatch(/\*\*Means\*\*[^]+\*\*Check(?:\*\*[^]+\*\*Fix| and fix)\*\*/);
  });

  it('names each alarm in its paragraph', () => {
    const named = paragraphs.flatMap((heading) =>
      matches(
        paragraph(heading)
          .split('\n')
          .find((line) => line !== '') ?? '',
        /`(\w+)`/g,
      ).map((name) => [name, anchor(heading)]),
    );
    expect(named.sort()).toEqual([...described].sort());
  });

  it('has every paragraph that the dashboard names', () => {
    const dashboards = resourcesOf(fullTemplate(), 'AWS::CloudWatch::Dashboard');
    const named = matches(JSON.stringify(dashboards), /\/docs\/runbook\.md#([a-z-]+)/g);
    expect(named).not.toEqual([]);
    const anchors = matches(runbook, /^#+ (.+)$/gm).map(anchor);
    for (const name of named) expect(anchors).toContain(name);
  });
});

/** What a construct publishes that stands in a stack of somebody else, with everything that props can add. */
const stack = new Stack(new App(), 'Platform', { env: FULL_PROPS.env ?? {} });
new BedrockJobTracker(stack, 'Jobs', { ...FULL_PROPS, _codeDirectory: stubs });
const parameters = Object.fromEntries(
  resourcesOf(toTemplate(Template.fromStack(stack)), 'AWS::SSM::Parameter').map(([, { Properties }]) => {
    const { Name, Value } = Properties as { Name: string; Value: unknown };
    return [Name, readable(Value)];
  }),
);
const outputs: Readonly<Record<string, string>> = Object.fromEntries(
  matches(parameters[PARAMETER.outputs] ?? '', /^(.+)$/gm).map((line) => line.split(/=(.*)/) as [string, string]),
);

/** Answers for Parameter Store, and prints every other call. */
const AWS = `aws() {
  if [ "$1 $2" != "ssm get-parameter" ]; then echo "$*"; return; fi
  name=PARAMETER$(echo "$4" | tr / _ | tr - _)
  [ -n "\${!name}" ] && echo "\${!name}"
}`;

/** Runs commands in a shell that is prepared as the runbook says. */
const runBash = (commands: readonly string[], changed: Readonly<Record<string, string>> = {}): string => {
  const [prepare = ''] = matches(chapter('Prepare the shell'), /^```bash\n([\s\S]*?)^ringing\n```$/gm);
  const env = Object.entries({ ...parameters, ...changed }).map(([name, value]) => [
    `PARAMETER${name.replaceAll(/[/-]/g, '_')}`,
    value,
  ]);
  const { stdout, stderr } = spawnSync('bash', ['-c', [AWS, prepare, ...commands].join('\n')], {
    env: { ...process.env, ...(Object.fromEntries(env) as Record<string, string>) },
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  return stdout.trim();
};

describe('the commands of docs/runbook.md', () => {
  const commands = matches(runbook, /^```bash\n([\s\S]*?)^```$/gm);
  const indented = matches(runbook, /^ +```bash\n([\s\S]*?)^ +```$/gm);

  const named = [
    ...matches(
      runbook,
      /(?:output|logs_of|depth|peek|undelivered|take|drop|purge|invoke|lines|failures|sources) "?\$?\(?([A-Z]\w+)/g,
    ),
    ...matches(runbook, /`(\w+(?:FunctionName|QueueUrl|GroupName))`/g),
    ...matches(runbook, /for queue in (.+);/g).flatMap((queues) => queues.split(' ')),
  ];

  it('name parts that a construct in a stack of its own publishes, and bash finds each', () => {
    expect(named.length).toBeGreaterThan(30);
    const found = runBash(unique(named).map((name) => `echo "${name}=$(output ${name})"`)).split('\n');
    expect(found).toEqual(unique(named).map((name) => `${name}=${outputs[name] ?? 'made by the construct'}`));
  });

  it('read parameters that it makes', () => {
    const read = unique(matches(runbook, /parameter ([a-z][\w-]+)/g));
    expect(read.length).toBeGreaterThan(3);
    for (const name of read) expect(Object.keys(parameters)).toContain(`/bedrock-job-tracker/${name}`);
  });

  it('say which part a tracker lacks', () => {
    expect(runBash(['output NoSuchPart 2>&1'])).toBe('This tracker has no NoSuchPart.');
  });

  it('revert manual changes of the stack that the tracker is in', () => {
    const [create = ''] = matches(chapter('Revert manual changes'), /^```bash\n([\s\S]*?)^```$/gm);
    const settings = JSON.stringify({ version: '0.2.0', stackName: 'Platform', ruleArns: [] });
    const calls = runBash([create], { [PARAMETER.settings]: settings }).split('\n');
    const named = calls.map((call) => / --stack-name (\S+) --change-set-name (revert-\d+) /.exec(`${call} `)?.slice(1));
    expect(named).toEqual(calls.map(() => ['Platform', named[0]?.[1]]));
    // What describe-stacks answers are the parameters.
    expect(calls[0]).toMatch(/--deployment-mode REVERT_DRIFT .*--parameters cloudformation describe-stacks/);
  });

  it('name each rule by its bus', () => {
    const loop = commands.find((each) => each.includes('describe-rule')) ?? '';
    const rule = (name: string) => `arn:aws:events:us-east-1:111122223333:rule/${name}`;
    const settings = JSON.stringify({ ruleArns: [rule('state-change'), rule('hub/bus/spoke')] });
    const calls = runBash([loop], { [PARAMETER.settings]: settings });
    expect(calls).toContain('describe-rule --name state-change --event-bus-name default');
    expect(calls).toContain('--dimensions Name=RuleName,Value=state-change --statistics');
    expect(calls).toContain('describe-rule --name spoke --event-bus-name hub/bus');
    expect(calls).toContain('--dimensions Name=RuleName,Value=spoke Name=EventBusName,Value=hub/bus --statistics');
  });

  it('write the parameters of the spokes, on the page of the hub', () => {
    const [write = ''] = matches(read('docs/hub-and-spoke.md'), /^ +```bash\n([\s\S]*?)^ +```$/gm).filter((each) =>
      each.includes('get-parameter'),
    );
    const written = JSON.parse(runBash([write.replace('> spoke.parameters.json', '')])) as Record<string, string>[];
    const { queueKey, models, ...wanted } = SPOKE_PARAMETER;
    expect([queueKey, models]).toEqual(['QueueKey', 'Models']);
    expect(written.map(({ ParameterKey }) => ParameterKey).sort()).toEqual(Object.values(wanted).sort());
    for (const { ParameterKey = '', ParameterValue } of written.filter((each) => each['ParameterKey'] !== 'ExternalId'))
      expect(ParameterValue).toBe(outputs[ParameterKey]);
  });

  it('look for messages that the functions log', () => {
    const handlers = readdirSync(join(ROOT, 'lambdas'), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => read(join('lambdas', file)))
      .join('\n');
    const logged = [...matches(handlers, /log\.\w+\('([^']+)'/g), ...Object.values(SWEEP_FAILURE)];
    const named = [
      ...matches(runbook, /lines \w+ "([^"]+)"/g),
      ...matches(runbook, /filter message = "([^"]+)"/g),
      ...matches(runbook, /filter message in \[(.+)\]/g).flatMap((list) => matches(list, /"([^"]+)"/g)),
      ...matches(chapter('Search the logs'), /^- `[a-z-]+`: (.+)$/gm).flatMap((list) => matches(list, /`([^`]+)`/g)),
    ];
    for (const message of unique(named)) expect(logged).toContain(message);
  });

  it('are ones that a shell can read', () => {
    expect(commands.length + indented.length).toBeGreaterThan(25);
    const script = [...commands, ...indented].join('\n').replaceAll(/<[^>\n]+>/g, 'VALUE');
    const { status, stderr } = spawnSync('bash', ['-n'], { input: script, encoding: 'utf8' });
    expect([status, stderr]).toEqual([0, '']);
  });

  it('say so where they delete all messages of a queue', () => {
    const deleting = [...runbook.matchAll(/`purge \w+`([^.]+)\./g)].map(([, after]) => after);
    expect(deleting).toHaveLength(2);
    for (const after of deleting) expect(after).toMatch(/\*\*deletes\s+its\s+messages\s+for good\*\*/);
  });
});
