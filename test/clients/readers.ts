/** Readers of the jobs table in other languages find what the TypeScript client finds. */
import { strict as assert } from 'node:assert';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { buildPythonClient } from '../../scripts/package/python-client.ts';
import { querySections, QUERYING } from '../support/querying.ts';
import {
  bareEnvironment,
  check,
  checkPython,
  credentialsOf,
  python,
  run,
  say,
  withServer,
  type Variables,
} from './harness.ts';

const HERE = import.meta.dirname;
const CACHE = join(HERE, '..', '..', '.cache');
const SOURCE = join(HERE, '..', '..', 'lib', 'client', 'python');
/** The section whose TypeScript asks what the programs in other languages ask. */
const SAME_QUESTION = 'Page by page';

/** Installs the wheel as a consumer does, into a folder for PYTHONPATH. */
const installReader = async (home: string): Promise<string> => {
  const site = join(home, 'site');
  await check('reader: two builds of its wheel are the same', async () => {
    const wheels = [
      await buildPythonClient(join(home, 'wheel'), say),
      await buildPythonClient(join(home, 'again'), say),
    ];
    const [first, second] = wheels.map((wheel) => readFileSync(wheel));
    assert.ok(first !== undefined && second !== undefined && first.equals(second));
    const pip = ['-m', 'pip', 'install', '--quiet', '--no-index', '--no-deps', '--disable-pip-version-check'];
    await run(python(), [...pip, '--target', site, wheels[0] ?? '']);
  });
  return site;
};

/** The reader's code, and a program of a consumer, who gets its types. */
const checkTypes = async (site: string): Promise<void> => {
  const tool = (name: string, cwd: string, ...args: readonly string[]) =>
    run(python(), ['-m', name, ...args], { cwd, env: { ...process.env, MYPYPATH: site, MYPY_CACHE_DIR: site } });
  await check('reader: mypy --strict', async () => {
    await tool('mypy', SOURCE, '--strict', 'bedrock_job_tracker_client');
  });
  await check("reader: mypy --strict of a consumer's program", async () => {
    await tool('mypy', site, '--strict', '--ignore-missing-imports', join(HERE, 'reader_consumer.py'));
    assert.ok(existsSync(join(site, 'bedrock_job_tracker_client', 'py.typed')));
  });
  await check('reader: ruff', async () => {
    await tool('ruff', SOURCE, 'check', '--no-cache', '.');
    await tool('ruff', SOURCE, 'format', '--no-cache', '--check', '.');
  });
};

const isThere = (...command: readonly string[]): boolean => {
  const [program = '', ...args] = command;
  return spawnSync(program, args, { stdio: 'ignore' }).status === 0;
};

/** Prints a loss as any language does: as a number, or as the text that it is. */
const lossesOf = (lines: string): string[] =>
  lines
    .trim()
    .split('\n')
    .map((line) => {
      const [arn = '', loss = ''] = line.trim().split(' ');
      return `${arn} ${Number.isFinite(Number(loss)) ? String(Number(loss)) : loss}`;
    });

const codeOf = (heading: string, language: 'bash' | 'go' | 'java'): string => {
  const code = querySections().find((section) => section.heading === heading)?.[language];
  if (code === undefined) throw new Error(`docs/querying.md has no ${language} under "${heading}".`);
  return code;
};

/** Compiles and runs the Go of docs/querying.md. Modules and builds stay in .cache/go. */
const runGo = async (home: string, env: Variables): Promise<string> => {
  const folder = join(home, 'go-reader');
  mkdirSync(folder);
  for (const name of ['go.mod', 'go.sum']) copyFileSync(join(HERE, 'go', name), join(folder, name));
  writeFileSync(join(folder, 'main.go'), codeOf('Go', 'go'));
  const cache = {
    GOMODCACHE: join(CACHE, 'go', 'modules'),
    GOCACHE: join(CACHE, 'go', 'builds'),
    GOFLAGS: '-modcacherw',
  };
  return (
    await run('go', ['run', '.'], { cwd: folder, env: { ...process.env, ...env, HOME: process.env['HOME'], ...cache } })
  ).stdout;
};

/** Runs the Java of docs/querying.md. Its libraries stay in .cache/java. */
const runJava = async (home: string, env: Variables): Promise<string> => {
  const pom = join(HERE, 'java', 'pom.xml');
  const libraries = join(CACHE, 'java');
  // Once for each version of the file.
  const paths = join(
    libraries,
    `classpath-${createHash('sha256').update(readFileSync(pom)).digest('hex').slice(0, 16)}`,
  );
  if (!existsSync(paths)) {
    say('Downloading the AWS SDK for Java into .cache/java ...');
    const goal = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:build-classpath';
    await run('mvn', ['-q', '-B', '-f', pom, goal, `-Dmdep.outputFile=${paths}`, `-Dmaven.repo.local=${libraries}`]);
  }
  const source = join(home, 'ReadJobs.java');
  writeFileSync(source, codeOf('Java', 'java'));
  const classpath = readFileSync(paths, 'utf8').split(':').join(delimiter);
  return (await run('java', ['-cp', classpath, source], { env: { ...process.env, ...env } })).stdout;
};

/** The programs of docs/querying.md print what the client finds, and the shell's command what it looks up. */
const checkPrograms = async (home: string, env: Variables, losses: readonly string[]): Promise<void> => {
  await check('AWS CLI: docs/querying.md: The table of a deployed tracker', async () => {
    const aws = `aws() { "${python()}" -m awscli "$@"; }\n`;
    const { stdout } = await run('bash', ['-c', aws + codeOf('The table of a deployed tracker', 'bash')], { env });
    const [table, scopes] = stdout.trim().split('\n');
    assert.match(table ?? '', /\tbedrock-jobs$/);
    assert.match(scopes ?? '', /\t111122223333#us-east-1,111122223333#us-west-2$/);
  });
  const same = (printed: string) => assert.deepEqual(lossesOf(printed), losses);
  if (isThere('go', 'version')) {
    await check('Go: docs/querying.md', async () => same(await runGo(home, env)));
  } else say('Skipped: found no Go, which compiles a reader of docs/querying.md.');
  if (isThere('java', '-version') && isThere('mvn', '-version')) {
    await check('Java: docs/querying.md', async () => same(await runJava(home, env)));
  } else say('Skipped: found no Java with Maven, which compile a reader of docs/querying.md.');
};

/** Runs all of it. `home` is an empty folder. */
export const checkReaders = async (home: string): Promise<void> => {
  const site = await installReader(home);
  await checkTypes(site);
  // The embedded DynamoDB takes any; an account of the person's own is never meant.
  const credentials = credentialsOf('111122223333', 'us-east-1');
  const env = { ...bareEnvironment(home), ...credentials, PYTHONPATH: site };
  const answers = join(home, 'answers.json');
  await withServer(['serve-vectors.ts'], credentials, async ({ url, found }) => {
    writeFileSync(answers, JSON.stringify(found));
    await checkPython(home, ['check_reader.py', join(HERE, 'read-vectors.json'), url, answers], env);
  });
  await withServer(['serve-querying.ts'], credentials, async ({ environment, found, losses }) => {
    const same = found?.[SAME_QUESTION];
    writeFileSync(answers, JSON.stringify({ ...found, 'Python with boto3 alone': same }));
    const pages = [QUERYING, join(SOURCE, 'README.md'), join(HERE, '..', '..', 'docs', 'table.md')];
    await checkPython(home, ['check_querying.py', answers, ...pages], { ...env, ...environment });
    await checkPython(home, ['check_reader_ways.py'], { ...env, ...environment });
    await checkPrograms(home, { ...env, ...environment }, losses ?? []);
  });
};
