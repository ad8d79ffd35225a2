import type { ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, delimiter, join } from 'node:path';
import process from 'node:process';
import { keeper } from './keeper.ts';
import { filledOnce } from './lock.ts';
import { succeeded } from './run.ts';
import type { Ended } from './run.ts';
import { kafkaVersion } from './version.ts';

const here = import.meta.dirname;
const pom = join(here, 'pom.xml');
const logging = `-Dlog4j2.configurationFile=${join(here, 'log4j2.properties')}`;
const light = ['-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Xshare:auto'];
const piped = ['ignore', 'pipe', 'pipe'] as const;

/** A folder that later runs find again as long as what it was made of stays the same. */
export function cache(name: string, ...contents: readonly string[]): string {
  const hash = createHash('sha256').update(contents.join('\0')).digest('hex').slice(0, 12);
  const root = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  return join(root, 'kafka-rx', `${name}-${hash}`);
}

async function run(command: string, args: readonly string[]): Promise<Ended> {
  return succeeded(keeper().spawn(command, args, { stdio: [...piped] }), command);
}

/** Kafka writes what a new data folder needs; copied from then on, which saves the start of a JVM for each broker. */
async function format(folder: string): Promise<void> {
  const properties = join(folder, 'format.properties');
  const settings = [
    'process.roles=broker,controller',
    'node.id=1',
    'controller.quorum.voters=1@127.0.0.1:1',
    'controller.listener.names=CONTROLLER',
  ];
  const listeners = 'listeners=PLAINTEXT://127.0.0.1:2,CONTROLLER://127.0.0.1:1';
  writeFileSync(properties, [...settings, listeners, `log.dirs=${join(folder, 'formatted')}`].join('\n'));
  const args = ['format', '-t', 'AAAAAAAAAAAAAAAAAAAAAQ', '-c', properties];
  await run('java', [...light, logging, '-cp', join(folder, '*'), 'kafka.tools.StorageTool', ...args]);
}

const jarsFolder = (): string => cache(`kafka-${kafkaVersion}`, readFileSync(pom, 'utf8'));

/** The folder with the jars of Apache Kafka and its tools, resolved by Maven when they are not there yet. */
export function kafkaJars(): Promise<string> {
  return filledOnce(jarsFolder(), async (folder) => {
    const what = [`-Dkafka.version=${kafkaVersion}`, '-DincludeScope=runtime', `-DoutputDirectory=${folder}`];
    const goal = ['dependency:copy-dependencies', ...what];
    await run('mvn', ['-q', '-B', '-ntp', '-f', pom, ...goal]);
    await format(folder);
  });
}

/** Why Kafka cannot be run by Java here; undefined: it can. */
export async function whyNoJava(): Promise<string | undefined> {
  try {
    const { stderr } = await run('java', ['-version']);
    const version = Number(/version "(\d+)/.exec(stderr)?.[1] ?? 0);
    if (version < 17) return `Java 17 is needed, found ${version}`;
  } catch {
    return 'there is no Java';
  }
  try {
    if (!existsSync(jarsFolder())) await run('mvn', ['-v']);
    return undefined;
  } catch {
    return 'there is no Maven';
  }
}

/** Compiles one Java source file against Kafka's jars, once for each content; resolves with the folder of its classes. */
export async function compiled(source: string): Promise<string> {
  const jars = await kafkaJars();
  return filledOnce(cache(`classes-${basename(source, '.java')}`, readFileSync(source, 'utf8'), jars), async (folder) => {
    await run('javac', ['-proc:none', '-nowarn', '-cp', join(jars, '*'), '-d', folder, source]);
  });
}

export interface JavaOptions {
  /** What it reads from its standard input; without it the input is empty. */
  readonly stdin?: string;
  /** A Java source file with the class, to be compiled first. */
  readonly source?: string;
  /** Further arguments for the JVM. */
  readonly jvm?: readonly string[];
  readonly stdio?: readonly ['ignore' | 'pipe', 'pipe' | number, 'pipe' | number];
  readonly cwd?: string;
}

/** Starts a Java class with Kafka's jars on its class path. It is killed when this process ends. */
export async function startJava(className: string, args: readonly string[], options: JavaOptions = {}): Promise<ChildProcess> {
  const jars = await kafkaJars();
  const classes = options.source === undefined ? [] : [await compiled(options.source)];
  const classPath = [join(jars, '*'), ...classes].join(delimiter);
  const stdio = options.stdio ?? ['pipe', 'pipe', 'pipe'];
  const all = [...light, ...(options.jvm ?? ['-Xmx256m']), logging, '-cp', classPath, className, ...args];
  return keeper().spawn('java', all, { stdio: [...stdio], ...(options.cwd === undefined ? {} : { cwd: options.cwd }) });
}

/** Runs a Java class with Kafka's jars, `org.apache.kafka.tools.consumer.ConsoleConsumer` for example. Rejects when it fails. */
export async function javaTool(className: string, args: readonly string[], options: JavaOptions = {}): Promise<Ended> {
  const child = await startJava(className, args, options);
  child.stdin?.on('error', () => undefined); // it ended without reading everything
  child.stdin?.end(options.stdin ?? '');
  return succeeded(child, className);
}
