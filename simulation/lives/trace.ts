import { createHash } from 'node:crypto';
import { describeRequest } from '../../src/testing/describe.ts';
import type { Traffic } from '../../src/testing/traffic.ts';
import { refusalsOf } from '../oracle/shadow/codes.ts';

/** All that went over the wire and was delivered, as a hash: the same life has the same one, bit for bit. */
export class Trace {
  private readonly hash = createHash('sha256');
  private readonly onLine: ((line: string) => void) | undefined;
  private lines: string[] = [];

  /** `onLine`: gets each line, to compare two lives by eye. */
  constructor(onLine?: (line: string) => void) {
    this.onLine = onLine;
  }

  readonly wire = ({ at, node, connection, kind, api, version, message }: Traffic): void => {
    this.line(`${String(at)} ${String(node)}/${String(connection)} ${kind} ${api} v${String(version)} ${detail(kind, api, message)}`);
  };

  line(line: string): void {
    this.onLine?.(line);
    this.lines.push(line);
    if (this.lines.length >= 256) this.flush();
  }

  digest(): string {
    this.flush();
    return this.hash.digest('hex').slice(0, 32);
  }

  private flush(): void {
    this.hash.update(this.lines.join('\n')).update('\n');
    this.lines = [];
  }
}

function detail(kind: Traffic['kind'], api: string, message: unknown): string {
  if (kind === 'request') return describeRequest(api, message);
  if (kind !== 'answer' || api === 'Fetch' || message === undefined) return '';
  return refusalsOf(api, message)
    .map(({ name, key = '' }) => `${name} ${key}`)
    .join(',');
}
