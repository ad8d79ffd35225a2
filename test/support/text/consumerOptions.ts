import type { Observable, SchedulerLike } from 'rxjs';
import { cooperativeSticky } from '../../../src/group/assignors/cooperativeSticky.ts';
import { range } from '../../../src/group/assignors/range.ts';
import { encodeBatch } from '../../../src/protocol/encodeBatch.ts';
import type { ConsumerEvent } from '../../../src/model/events.ts';
import type { ConsumerOptions } from '../../../src/options.ts';
import type { Given } from './given.ts';

/** What a value of that offset is. They become shorter from one to the next: of a full buffer the later half is the smaller one. */
export function valueAt(offset: number): string {
  return String(offset).padEnd(1_000 - offset);
}

interface Outside {
  readonly scheduler: SchedulerLike;
  readonly until: Observable<unknown>;
  readonly events: (event: ConsumerEvent) => void;
}

/** The options that a picture gives, nested as `fromKafka` wants them. Jitter is none. */
export function consumerOptions(given: Given, outside: Partial<Outside>): ConsumerOptions {
  const options: Record<string, unknown> = { ...outside, random: () => 0.5 };
  if (!given.options.has('topics')) options['partitions'] = given.logs.map(({ topic, partition }) => ({ topic, partition }));
  for (const [path, value] of given.options) {
    const [name = '', inner] = path.split('.');
    options[name] = inner === undefined ? value : { ...(options[name] as object | undefined), [inner]: value };
  }
  const assignors = given.options.get('assignors');
  if (assignors !== undefined) options['assignors'] = [assignors === 'range' ? range : cooperativeSticky];
  const records = given.options.get('window.records');
  if (typeof records === 'number' && records > 0 && !given.options.has('maxBuffered'))
    options['maxBuffered'] = bytesOf(records) * given.logs.length;
  return options as unknown as ConsumerOptions;
}

/** What so many records of a log take in the buffer, each being a batch. A window of so many thus bounds what is fetched as well. */
function bytesOf(records: number): number {
  let bytes = 0;
  for (let offset = 0; offset < records; offset++) bytes += encodeBatch([{ value: Buffer.from(valueAt(offset)) }]).length;
  return bytes;
}
