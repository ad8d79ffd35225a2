import { rows } from '../../../src/errors/kafkaErrors.ts';
import * as apis from '../../../src/protocol/apis/index.ts';
import type { Effect, Fault, Where } from '../../../src/testing/fault.ts';
import { millisecondsOf, nodeOf } from './values.ts';

const errors: ReadonlySet<string> = new Set(rows.map(([, name]) => name));
const names: ReadonlySet<string> = new Set(['Connect', ...Object.values(apis).map(({ name }) => name)]);

/** For who has written something else. */
export const faultWords =
  'Fetch REQUEST_TIMED_OUT, Fetch reset, Fetch unanswered, Fetch late 20ms, Fetch throttled 50ms; at b2, 3 times may follow';

/** `Fetch REQUEST_TIMED_OUT 4 times`, `Fetch orders/0 NOT_LEADER_OR_FOLLOWER`, `OffsetCommit late 20ms at b2`. */
export function readFault(words: string): Fault | undefined {
  const [, api = '', topic, partition, effect = '', broker, times] =
    /^(\w+)(?: ([\w.-]+)\/(\d+))? (\w+(?: \d+(?:ms|s|m))?)(?: at (\S+))?(?: (\d+) times)?$/.exec(words) ?? [];
  const what = readEffect(effect);
  const node = broker === undefined ? undefined : nodeOf(broker);
  if (what === undefined || !names.has(api) || (broker !== undefined && node === undefined)) return undefined;
  const where: Where = {
    api,
    ...(topic !== undefined && { topic, partition: Number(partition) }),
    ...(node !== undefined && { node }),
    ...(times !== undefined && { times: Number(times) }),
  };
  return { ...where, ...what };
}

function readEffect(words: string): Effect | undefined {
  const [word = '', time] = words.split(' ');
  const delay = time === undefined ? undefined : millisecondsOf(time);
  if (delay !== undefined) {
    if (word === 'late') return { kind: 'latency', delay };
    return word === 'throttled' ? { kind: 'throttle', delay } : undefined;
  }
  if (word === 'reset') return { kind: 'reset', when: 'before' };
  if (word === 'unanswered') return { kind: 'noAnswer' };
  return errors.has(word) ? { kind: 'error', error: word } : undefined;
}
