import { execFile, type ExecFileException, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import ts from 'typescript';

export const ROOT = path.resolve(import.meta.dirname, '..', '..');
const NPM = process.platform === 'win32' ? 'npm.cmd' : 'npm';

/** What a person's shell has: without the project's own Node.js and without what npm tells its scripts. */
export const userEnvironment = (): NodeJS.ProcessEnv => {
  const own = path.join('node_modules', '.bin');
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(npm_(package|lifecycle|config_local_prefix)|NODE_OPTIONS|NODE_PATH|JEST_|AWS_|CDK_)/i.test(name),
  );
  const folders = (process.env['PATH'] ?? '').split(path.delimiter).filter((folder) => !folder.endsWith(own));
  return { ...Object.fromEntries(kept), PATH: folders.join(path.delimiter), CDK_VALIDATION: 'false' };
};

export interface Output {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command as a person would, to its end, however it ends. */
export const run = (
  cwd: string,
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<Output> =>
  new Promise((resolve) => {
    execFile(
      command,
      args,
      { cwd, env: { ...userEnvironment(), ...env }, maxBuffer: 2 ** 26, shell: process.platform === 'win32' },
      (error: ExecFileException | null, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
        resolve({ code, stdout, stderr });
      },
    );
  });

/** Standard output of a command that has to succeed. */
export const succeed = async (...command: Parameters<typeof run>): Promise<string> => {
  const { code, stdout, stderr } = await run(...command);
  if (code !== 0) throw new Error(`${command[1]} ${command[2].join(' ')} ended with ${code}:\n${stdout}\n${stderr}`);
  return stdout;
};

export const readJson = (file: string): unknown => JSON.parse(readFileSync(file, 'utf8'));

/** A package as somebody else has it: what npm unpacks is what counts, as the staging folder could hold more. */
export interface Installed {
  /** Everything of this test; to be removed. */
  readonly scratch: string;
  readonly tarball: string;
  /** A project of somebody else that has installed the tarball. */
  readonly consumer: string;
  /** The package's folder in that project. */
  readonly folder: string;
  readonly manifest: Manifest;
}

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly private?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

const root = readJson(path.join(ROOT, 'package.json')) as Manifest;

/** Where the packages are already: in RELEASE_FOLDER, if there is one. */
const { RELEASE_FOLDER: given } = process.env;
export const releaseFolder = given === undefined ? undefined : path.resolve(ROOT, given);

/** Stages and packs a package in `scratch`. */
const packPackage = async (folder: string, scratch: string): Promise<string> => {
  await succeed(ROOT, process.execPath, ['scripts/build-package.ts', folder, '--out', scratch]);
  await succeed(path.join(scratch, folder), NPM, ['pack', '--pack-destination', scratch]);
  return scratch;
};

/**
 * Installs a package by npm into an empty project, with the files of `test/package/consumer`.
 *
 * @param linked packages of this project that the consumer has too: peers and types
 */
export const installPackage = async (
  folder: 'construct' | 'client' | 'cli',
  linked: readonly string[] = [],
): Promise<Installed> => {
  const scratch = mkdtempSync(path.join(tmpdir(), `bedrock-job-tracker-${folder}-`));
  const name = folder === 'construct' ? root.name : `${root.name}-${folder}`;
  const file = `${name}-${root.version}.tgz`;
  const tarball = path.join(releaseFolder ?? (await packPackage(folder, scratch)), file);
  const consumer = path.join(scratch, 'consumer');
  mkdirSync(consumer);
  writeFileSync(path.join(consumer, 'package.json'), '{"name":"consumer","private":true,"type":"module"}');
  // npm would install the CDK, 160 MB of it.
  await installPackages(consumer, folder === 'construct' ? [tarball, '--legacy-peer-deps'] : [tarball]);
  linkPackages(consumer, linked);
  const files = path.join(ROOT, 'test', 'package', 'consumer', folder);
  if (existsSync(files)) cpSync(files, consumer, { recursive: true });
  const installed = path.join(consumer, 'node_modules', name);
  const manifest = readJson(path.join(installed, 'package.json')) as Manifest;
  return { scratch, tarball, consumer, folder: installed, manifest };
};

/** Installs packages, or tarballs of them, by npm. */
export const installPackages = (folder: string, packages: readonly string[]): Promise<string> =>
  succeed(folder, NPM, ['install', ...packages, '--prefix', folder, '--no-audit', '--no-fund', '--prefer-offline']);

/** Installed by npm where a test needs it. Since version 11 it ends badly where a package's build script is not allowed. */
const PNPM = 'pnpm@12.21.0';

/** Adds a package to an empty project by pnpm, without what pnpm keeps in a person's home. */
export const addByPnpm = async ({ scratch, tarball }: Installed, ...options: readonly string[]): Promise<Output> => {
  const tool = path.join(scratch, 'pnpm-itself');
  const folder = path.join(scratch, 'consumer-with-pnpm');
  for (const each of [tool, folder]) {
    mkdirSync(each, { recursive: true });
    writeFileSync(path.join(each, 'package.json'), '{"private":true}');
  }
  await installPackages(tool, [PNPM]);
  const pnpm = path.join(tool, 'node_modules', '.bin', process.platform === 'win32' ? 'pnpm.cmd' : 'pnpm');
  return run(folder, pnpm, ['add', tarball, '--store-dir', path.join(scratch, 'pnpm-store'), ...options]);
};

/** Links packages of a folder's node_modules into another one. */
export const linkPackages = (folder: string, names: readonly string[], from: string = ROOT): void => {
  for (const name of names) {
    const link = path.join(folder, 'node_modules', name);
    mkdirSync(path.dirname(link), { recursive: true });
    symlinkSync(path.join(from, 'node_modules', name), link, 'junction');
  }
};

/** Runs a tool of the project's own node_modules on the project's Node.js. */
export const runTool = (cwd: string, bin: string, args: readonly string[]): Promise<Output> =>
  run(cwd, process.execPath, [path.join(ROOT, 'node_modules', bin), ...args]);

export const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .sort();

/** The functions of this project. */
export const LAMBDAS: readonly string[] = readdirSync(path.join(ROOT, 'lambdas')).filter((name) =>
  existsSync(path.join(ROOT, 'lambdas', name, 'index.ts')),
);

/** What a fragment on a page about the construct, or about the client, may take for granted. */
const GIVEN = {
  construct: {
    tracker: 'import("bedrock-job-tracker").BedrockJobTracker',
    stack: 'import("aws-cdk-lib").Stack',
    postToSlack: 'import("aws-cdk-lib/aws-lambda").IFunction',
  },
  client: {
    jobs: 'import("bedrock-job-tracker-client").JobsClient',
    register: '(...model: unknown[]) => Promise<void>',
  },
};

/** The pages for people who write TypeScript. Those about the construct have blocks about the client too. */
const PAGES = {
  construct: ['docs/library.md', 'docs/events.md', 'lib/infra/README.md'],
  client: ['docs/library.md', 'docs/querying.md', 'docs/events.md', 'lib/client/README.md'],
};

/** Writes each block of TypeScript or JavaScript about the construct, or about the client, as a module of its own; the names of the files. */
export const writeCodeBlocks = (folder: string, about: keyof typeof PAGES): string[] =>
  PAGES[about].flatMap((page) => {
    const text = readFileSync(path.join(ROOT, page), 'utf8');
    return [...text.matchAll(/^```(?:ts|js)\n([\s\S]*?)^```$/gm)].flatMap(([, code = ''], index) => {
      const isOfClient = !PAGES.construct.includes(page) || code.includes("'bedrock-job-tracker-client'");
      if (isOfClient !== (about === 'client')) return [];
      const given = Object.entries(GIVEN[about])
        .filter(([name]) => !code.includes(`const ${name} =`))
        .map(([name, type]) => `declare const ${name}: ${type};\n`);
      const file = `${page.replaceAll(/\W/g, '-')}-${index + 1}.ts`;
      // Without an import a file is no module, and may not await.
      writeFileSync(path.join(folder, file), `export {};\n${given.join('')}${code}`);
      return file;
    });
  });

const OPTIONS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.NodeNext,
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  skipLibCheck: false,
  types: ['node'],
};

/**
 * Compiles a consumer's files in place and says what is wrong with them and with the package's declarations that they
 * reach. Those of other packages are not looked at: the CDK's and the SDK's are their own affair.
 */
export function compileConsumer(folder: string, files: readonly string[]): string[] {
  const program = ts.createProgram(
    files.map((file) => path.join(folder, file)),
    { ...OPTIONS, typeRoots: [path.join(folder, 'node_modules', '@types')] },
  );
  const ours = program
    .getSourceFiles()
    .filter(
      ({ fileName }) =>
        !fileName.includes('/node_modules/') || /\/node_modules\/bedrock-job-tracker(-client)?\//.test(fileName),
    );
  const diagnostics = [
    ...program.getOptionsDiagnostics(),
    ...ours.flatMap((file) => [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)]),
  ];
  program.emit();
  return diagnostics.map(({ file, messageText, start = 0 }) => {
    const line = file === undefined ? 0 : file.getLineAndCharacterOfPosition(start).line + 1;
    const text = ts.flattenDiagnosticMessageText(messageText, '\n');
    return `${file === undefined ? '' : path.relative(folder, file.fileName)}:${line}: ${text}`;
  });
}

interface Template {
  readonly Resources?: Readonly<Record<string, CfnResource>>;
}

interface CfnResource {
  readonly Type: string;
  readonly Properties: { readonly Code: { readonly S3Key: string } };
}

interface Assets {
  readonly files: Readonly<Record<string, { readonly source: { readonly path: string } }>>;
}

/** The code of every function in the templates of a cloud assembly, as its assets have it. */
export const codeOfFunctions = (assembly: string): string[] =>
  filesBelow(assembly)
    .filter((file) => /^\w+\.template\.json$/.test(file))
    .flatMap((template) => {
      const { Resources = {} } = readJson(path.join(assembly, template)) as Template;
      const functions = Object.values(Resources).filter(({ Type }) => Type === 'AWS::Lambda::Function');
      // A stack without assets, such as a spoke, has no list of them either.
      if (functions.length === 0) return [];
      const { files } = readJson(path.join(assembly, template.replace('.template.', '.assets.'))) as Assets;
      return functions.map(({ Properties }) => {
        const asset = files[path.parse(Properties.Code.S3Key).name];
        if (asset === undefined) throw new Error(`${template} has a function without an asset.`);
        return readFileSync(path.join(assembly, asset.source.path, 'index.js'), 'utf8');
      });
    });

export interface RunningCommand {
  /** The first line that matches; rejects where the command ends without one. */
  readonly line: (pattern: RegExp) => Promise<string>;
  /** Ends it by Ctrl-C; its exit code. */
  readonly stop: () => Promise<number | null>;
}

/** Starts a program on the machine's own Node.js, as a person would who installed it. */
export const startCommand = (cwd: string, file: string, args: readonly string[]): RunningCommand => {
  const child = spawn('node', [file, ...args], { cwd, env: userEnvironment(), stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(child, 'exit') as Promise<[number | null]>;
  const lines: string[] = [];
  const reader = createInterface({ input: child.stdout });
  reader.on('line', (line) => lines.push(line));
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  return {
    line: async (pattern) => {
      for (;;) {
        const found = lines.find((line) => pattern.test(line));
        if (found !== undefined) return found;
        if (child.exitCode !== null) throw new Error(`It ended without that line:\n${lines.join('\n')}\n${errors}`);
        await Promise.race([once(reader, 'line'), ended]);
      }
    },
    stop: async () => {
      child.kill('SIGINT');
      const [code] = await ended;
      return code;
    },
  };
};
