import { join } from 'node:path';
import { javaTool } from '../support/kafka.ts';

const source = join(import.meta.dirname, 'java', 'Oracle.java');

/** Milliseconds for the first question of a file: Maven may have to fetch Kafka first. */
export const FIRST_QUESTION = 300_000;

/** What Kafka's Java code answers to each command: see `java/Oracle.java`. */
export async function askOracle(commands: readonly string[]): Promise<readonly unknown[]> {
  const { stdout } = await javaTool('Oracle', [], { source, stdin: `${commands.join('\n')}\n` });
  const lines = stdout.trimEnd().split('\n');
  if (lines.length !== commands.length) throw new Error(`${String(lines.length)} answers to ${String(commands.length)} questions`);
  return lines.map((line): unknown => JSON.parse(line));
}
