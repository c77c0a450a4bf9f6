import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { OUTPUT } from '../../lib/contract.ts';
import { fullTemplate, resourcesOf } from '../infra/support.ts';

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
    return [id.replace(/^TrackerAlarms(.+?)[0-9A-F]{8}$/, '$1'), AlarmDescription.split('docs/runbook.md#')[1] ?? ''];
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
    const named = matches(JSON.stringify(dashboards), /docs\/runbook\.md#([a-z-]+)/g);
    expect(named).not.toEqual([]);
    const anchors = matches(runbook, /^#+ (.+)$/gm).map(anchor);
    for (const name of named) expect(anchors).toContain(name);
  });
});

describe('the commands of docs/runbook.md', () => {
  const commands = matches(runbook, /^```bash\n([\s\S]*?)^```$/gm);
  const indented = matches(runbook, /^ +```bash\n([\s\S]*?)^ +```$/gm);

  it('name outputs of the stack', () => {
    const outputs = [
      ...matches(
        runbook,
        /(?:output|logs_of|depth|peek|undelivered|take|drop|purge|invoke|lines|failures|sources) ([A-Z]\w+)/g,
      ),
      ...matches(runbook, /`(\w+(?:FunctionName|QueueUrl|GroupName))`/g),
    ];
    const known: readonly string[] = Object.values(OUTPUT);
    expect(outputs.length).toBeGreaterThan(30);
    for (const name of unique(outputs)) expect(known).toContain(name);
  });

  it('look for messages that the functions log', () => {
    const handlers = readdirSync(join(ROOT, 'lambdas'), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => read(join('lambdas', file)))
      .join('\n');
    const logged = matches(handlers, /log\.\w+\('([^']+)'/g);
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
    for (const after of deleting) expect(after).toMatch(/\*\*deletes its\s+messages\s+for good\*\*/);
  });
});
