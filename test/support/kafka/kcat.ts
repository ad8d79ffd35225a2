import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { HasBrokers } from './admin.ts';
import type { Compression } from './producer.ts';

const codecs = ['gzip', 'snappy', 'lz4', 'zstd'];

/** Whether there is a kcat on the PATH, the command line of librdkafka, that writes all codecs. If not, one line says so. */
export function hasKcat(): boolean {
  try {
    const version = execFileSync('kcat', ['-V'], { encoding: 'utf8' });
    if (codecs.every((codec) => version.includes(codec))) return true;
  } catch {
    // There is none.
  }
  console.warn('SKIPPED what librdkafka writes: there is no kcat on the PATH that knows all codecs');
  return false;
}

/** Writes `key|value` lines to one partition, with librdkafka: it compresses by means of its own, and frames snappy in no way. */
export async function produceWithKcat(
  kafka: HasBrokers,
  topic: string,
  partition: number,
  codec: Compression,
  lines: readonly string[],
): Promise<void> {
  const args = ['-P', '-b', kafka.brokers.join(','), '-t', topic, '-p', String(partition), '-z', codec, '-K', '|', '-X', 'linger.ms=20'];
  const child = spawn('kcat', args, { stdio: ['pipe', 'inherit', 'inherit'] });
  const exit = once(child, 'exit');
  child.stdin.on('error', () => undefined); // it ended without reading everything, and the code says so
  child.stdin.end(lines.map((line) => `${line}\n`).join(''));
  const [code] = (await exit) as [number | null];
  if (code !== 0) throw new Error(`kcat ended with ${code ?? 'a signal'}`);
}
