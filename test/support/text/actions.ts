import type { StartPosition } from '../../../src/model/startPosition.ts';
import type { TopicPartition } from '../../../src/model/topicPartition.ts';
import type { Happening } from '../../../src/testing/happening.ts';
import { readFault } from './faults.ts';
import { nodeOf } from './values.ts';

/** What a letter on a lane that drives does. */
export type Action =
  | { readonly kind: 'ack'; readonly place: TopicPartition; readonly offset: number }
  | { readonly kind: 'ackAll' }
  | { readonly kind: 'append'; readonly place: TopicPartition; readonly records: number }
  | { readonly kind: 'seek'; readonly place: TopicPartition; readonly to: StartPosition | 'committed' }
  | { readonly kind: 'pause' | 'resume' | 'fail'; readonly place: TopicPartition }
  | { readonly kind: 'until' | 'unsubscribe' | 'join' | 'leave' }
  | { readonly kind: 'happens'; readonly happening: Happening };

/** What words may leave out where there is only one of it. */
export interface Surroundings {
  readonly places: readonly TopicPartition[];
  readonly brokers: number;
}

type Read = (words: string, around: Surroundings) => Action | undefined;

interface Driver {
  /** The words that it takes, for who has written others. */
  readonly takes: readonly string[];
  readonly read: Read;
  /** What a letter without a name stands for. */
  readonly unnamed?: (letter: string) => string | undefined;
}

const plain = (...kinds: readonly ('until' | 'unsubscribe' | 'join' | 'leave')[]): Read => {
  return (words) => {
    const kind = kinds.find((each) => each === words);
    return kind === undefined ? undefined : { kind };
  };
};

const ofPlace = (...kinds: readonly ('pause' | 'resume' | 'fail')[]): Read => {
  return (words, around) => {
    const [verb, where, ...rest] = words.split(' ');
    const kind = kinds.find((each) => each === verb);
    const place = placeIn(where, around);
    return kind === undefined || place === undefined || rest.length > 0 ? undefined : { kind, place };
  };
};

const digit = (verb: string) => (letter: string) => (/\d/.test(letter) ? `${verb} ${letter}` : undefined);

/** The lanes that drive. */
export const drivers: Readonly<Record<string, Driver>> = {
  ack: { takes: ['ack 0', 'ack orders/0@0', 'ack all'], read: readAck, unnamed: digit('ack') },
  append: { takes: ['append', 'append orders/0', 'append orders/0 +3'], read: readAppend },
  seek: { takes: ['seek 7', 'seek orders/0@7', 'seek earliest', 'seek orders/0 committed'], read: readSeek, unnamed: digit('seek') },
  pause: { takes: ['pause', 'pause orders/0', 'resume', 'resume orders/0'], read: ofPlace('pause', 'resume') },
  resume: { takes: ['resume', 'resume orders/0'], read: ofPlace('resume'), unnamed: () => 'resume' },
  fail: { takes: ['fail', 'fail orders/0'], read: ofPlace('fail') },
  until: { takes: ['until'], read: plain('until'), unnamed: () => 'until' },
  unsubscribe: { takes: ['unsubscribe'], read: plain('unsubscribe'), unnamed: () => 'unsubscribe' },
  member: { takes: ['join', 'leave'], read: plain('join', 'leave') },
  cluster: {
    takes: ['move orders/0 to b2', 'cut b1', 'down b1', 'up b1', 'freeze b1', 'coordinator b2', 'evict', 'fault Fetch REQUEST_TIMED_OUT'],
    read: readHappening,
  },
};

/** `orders/0` where it is one of those that there are; without words the only one there is. */
function placeIn(words: string | undefined, { places }: Surroundings): TopicPartition | undefined {
  if (words === undefined) return places.length === 1 ? places[0] : undefined;
  return places.find(({ topic, partition }) => `${topic}/${String(partition)}` === words);
}

function readAck(words: string, around: Surroundings): Action | undefined {
  if (words === 'ack all') return { kind: 'ackAll' };
  const [, where, offset] = /^ack (?:(\S+)@)?(\d+)$/.exec(words) ?? [];
  const place = placeIn(where, around);
  return place === undefined || offset === undefined ? undefined : { kind: 'ack', place, offset: Number(offset) };
}

function readAppend(words: string, around: Surroundings): Action | undefined {
  const [all, where, records] = /^append(?: ([^+\s]\S*))?(?: \+([1-9]\d*))?$/.exec(words) ?? [];
  const place = placeIn(where, around);
  return all === undefined || place === undefined ? undefined : { kind: 'append', place, records: Number(records ?? 1) };
}

function readSeek(words: string, around: Surroundings): Action | undefined {
  const [, where, offset] = /^seek (?:(\S+)@)?(\d+)$/.exec(words) ?? [];
  const [, named, word] = /^seek (?:(\S+) )?(earliest|latest|committed)$/.exec(words) ?? [];
  const place = placeIn(where ?? named, around);
  if (place === undefined) return undefined;
  if (offset !== undefined) return { kind: 'seek', place, to: { offset: Number(offset) } };
  return word === 'earliest' || word === 'latest' || word === 'committed' ? { kind: 'seek', place, to: word } : undefined;
}

function readHappening(words: string, around: Surroundings): Action | undefined {
  const happening = happeningOf(words, around);
  return happening === undefined ? undefined : { kind: 'happens', happening };
}

function happeningOf(words: string, around: Surroundings): Happening | undefined {
  if (words === 'evict') return { kind: 'evict' };
  const [verb = ''] = words.split(' ');
  const rest = words.slice(verb.length + 1);
  if (verb === 'fault') {
    const fault = readFault(rest);
    return fault === undefined ? undefined : { kind: 'fault', fault };
  }
  if (verb === 'move') {
    const [where = '', to, broker = '', ...more] = rest.split(' ');
    const place = placeIn(where, around);
    const leader = brokerIn(broker, around);
    return place === undefined || leader === undefined || to !== 'to' || more.length > 0 ? undefined : { kind: 'move', ...place, leader };
  }
  const node = brokerIn(rest, around);
  if (node === undefined) return undefined;
  if (verb === 'coordinator') return { kind: 'moveCoordinator', node };
  return verb === 'cut' || verb === 'down' || verb === 'up' || verb === 'freeze' ? { kind: verb, node } : undefined;
}

function brokerIn(words: string, { brokers }: Surroundings): number | undefined {
  const node = nodeOf(words);
  return node !== undefined && node <= brokers ? node : undefined;
}
