import { cpSync, mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { cache } from '../support/kafka/java.ts';
import { keeper } from '../support/kafka/keeper.ts';
import { filledOnce } from '../support/kafka/lock.ts';
import { succeeded } from '../support/kafka/run.ts';
import type { Ended } from '../support/kafka/run.ts';
import manifest from '../../package.json' with { type: 'json' };
import * as programs from './programs.ts';

export const root: string = resolve(import.meta.dirname, '../..');

/** Each is downloaded once, and kept where the jars of Kafka are. */
const nodes: Readonly<Record<string, string>> = { 20: '20.20.2', 22: '22.23.3', 24: '24.21.0' };
const pnpmVersion = '10.34.8';

const { kafkajs, rxjs } = manifest.devDependencies;
const tsc = join(root, 'node_modules/typescript/bin/tsc');

/** Runs a program in a folder and resolves with what it wrote to its standard output. Rejects when it fails. */
export async function run(cwd: string, command: string, args: readonly string[]): Promise<string> {
  const child = keeper().spawn(command, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  const { stdout }: Ended = await succeeded(child, `${command} ${args.join(' ')}`);
  return stdout;
}

const npm = (cwd: string, ...args: readonly string[]): Promise<string> => run(cwd, 'npm', args);
const quiet = ['--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error'] as const;

function emptyFolder(name: string): string {
  return mkdtempSync(join(keeper().folder, `${name}-`));
}

export interface Packed {
  readonly tarball: string;
  /** The paths in it. */
  readonly files: readonly string[];
}

/** What `npm publish` would send, built in a copy of the sources: the `dist` of this tree is left alone. */
export async function packed(): Promise<Packed> {
  const folder = emptyFolder('pack');
  const papers = manifest.files.filter((file) => file !== 'dist');
  for (const name of ['package.json', 'tsconfig.json', 'tsconfig.build.json', 'src', 'operators', 'docs', ...papers])
    cpSync(join(root, name), join(folder, name), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'dir');
  await run(folder, process.execPath, [tsc, '-p', 'tsconfig.build.json']);
  const [pack] = JSON.parse(await npm(folder, 'pack', '--json', '--ignore-scripts')) as readonly PackReport[];
  if (pack === undefined) throw new Error('npm pack packed nothing');
  return { tarball: join(folder, pack.filename), files: pack.files.map(({ path }) => path) };
}

interface PackReport {
  readonly filename: string;
  readonly files: readonly { readonly path: string }[];
}

function program(layout: string, tarball: string): string {
  const folder = emptyFolder(layout);
  const dependencies = { 'kafka-rx': `file:${tarball}`, kafkajs, rxjs };
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, dependencies }));
  const files = { 'imports.mjs': programs.imports, 'requires.cjs': programs.requires, 'reads.mjs': programs.reads };
  const sources = { 'types.mts': programs.types, 'common.cts': programs.commonTypes };
  for (const [name, text] of Object.entries({ ...files, ...sources })) writeFileSync(join(folder, name), text);
  return folder;
}

/** A folder with nothing but the package, rxjs and kafkajs, installed by npm. */
export async function installedByNpm(tarball: string): Promise<string> {
  const folder = program('npm', tarball);
  await npm(folder, 'install', ...quiet);
  return folder;
}

/** The same by pnpm: nobody sees what it does not name as its dependency. */
export async function installedByPnpm(tarball: string): Promise<string> {
  const pnpm = await downloaded('pnpm', pnpmVersion, 'bin/pnpm.cjs');
  const folder = program('pnpm', tarball);
  await run(folder, process.execPath, [pnpm, 'install', '--prefer-offline', '--reporter=silent', '--store-dir', join(folder, '.store')]);
  return folder;
}

/** The path of a Node of that major version. */
export async function nodeOf(major: string): Promise<string> {
  if (process.versions.node.startsWith(`${major}.`)) return process.execPath;
  return downloaded('node', nodes[major] ?? major, 'bin/node');
}

async function downloaded(name: string, version: string, file: string): Promise<string> {
  const folder = await filledOnce(cache(`${name}-${version}`, process.platform, process.arch), async (target) => {
    writeFileSync(join(target, 'package.json'), '{"private":true}');
    await npm(target, 'install', ...quiet, `${name}@${version}`);
  });
  return join(folder, 'node_modules', name, file);
}

/** Compiles the programs in TypeScript in that folder against the declarations of the package, which are checked as well. */
export async function compiles(
  folder: string,
  compilerOptions: Readonly<Record<string, unknown>>,
  files: readonly string[],
): Promise<void> {
  const project = join(folder, `with-${String(compilerOptions['moduleResolution'])}`);
  mkdirSync(project, { recursive: true });
  const types = { types: ['node'], typeRoots: [join(root, 'node_modules/@types')] };
  const strict = { target: 'es2023', lib: ['es2023'], strict: true, noEmit: true, skipLibCheck: false, exactOptionalPropertyTypes: true };
  const config = { compilerOptions: { ...strict, ...types, ...compilerOptions }, files: files.map((file) => join('..', file)) };
  writeFileSync(join(project, 'tsconfig.json'), JSON.stringify(config));
  await run(project, process.execPath, [tsc, '-p', project]);
}
