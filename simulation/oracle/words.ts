import { KafkaRxError } from '../../src/errors/index.ts';
import { kafkaErrorOf } from '../../src/errors/table.ts';
import { describeRequest } from '../../src/testing/describe.ts';
import type { FetchPart } from '../../src/protocol/fetchParts.ts';
import type { MemberShadow } from './shadow/memberShadow.ts';
import type { Seen } from './seen.ts';
import { refusalsOf } from './shadow/codes.ts';

/** Where it is drawn, and in which words; undefined: it is not worth a word. */
export function wordsOf(seen: Seen, { name, streams }: MemberShadow): { readonly lane: string; readonly words: () => string } | undefined {
  const key = 'stream' in seen ? (streams.get(seen.stream)?.key ?? `stream ${String(seen.stream)}`) : '';
  switch (seen.kind) {
    case 'request':
      return { lane: `${name} sends`, words: () => `${describeRequest(seen.api, seen.request)} to ${seen.broker}` };
    case 'answer':
      return { lane: `${name} hears`, words: () => `${seen.api}: ${answerOf(seen.api, seen.response)} from ${seen.broker}` };
    case 'part':
      return seen.part.kind === 'head'
        ? undefined
        : { lane: `${name} hears`, words: () => `Fetch: ${partOf(seen.part)} from ${seen.broker}` };
    case 'failed':
      return {
        lane: `${name} hears`,
        words: () => `${seen.api} ${seen.error === undefined ? 'is waited for no longer' : nameOf(seen.error)}, ${seen.broker}`,
      };
    case 'connecting':
    case 'connected':
    case 'disconnected':
      return { lane: `${name} wires`, words: () => `${seen.kind} ${seen.broker}${'error' in seen ? ` ${nameOf(seen.error)}` : ''}` };
    case 'event':
      return { lane: `${name} tells`, words: () => JSON.stringify({ ...seen.event, at: undefined }) };
    case 'delivered':
      return { lane: `${name} reads`, words: () => `${key} delivers ${seen.offsets.join(' ')}` };
    case 'acked':
      return { lane: `${name} acks`, words: () => `${key} ${String(seen.offset)}` };
    case 'seek':
      return { lane: `${name} reads`, words: () => `${key} seek ${JSON.stringify(seen.to)}` };
    case 'errored':
      return { lane: `${name} reads`, words: () => `${key} fails: ${nameOf(seen.error)}` };
    case 'ends':
      return {
        lane: `${name} life`,
        words: () => `${seen.ending.how}${seen.ending.how === 'errored' ? ` ${nameOf(seen.ending.error)}` : ''}`,
      };
    case 'begins':
    case 'stop':
    case 'stopFails':
      return { lane: `${name} life`, words: () => seen.kind };
    case 'stream':
      return { lane: `${name} reads`, words: () => `${seen.view.topic}-${String(seen.view.partition)} begins` };
    default:
      return { lane: `${name} reads`, words: () => `${key} ${seen.kind}` };
  }
}

function answerOf(api: string, response: unknown): string {
  const refusals = refusalsOf(api, response).map(({ name, key = '' }) => `${name} ${key}`.trim());
  return refusals.length === 0 ? 'ok' : refusals.join(', ');
}

function partOf(part: FetchPart): string {
  if (part.kind === 'partition') {
    const { topic, partitionIndex, errorCode } = part.header;
    return `${topic}-${String(partitionIndex)} ${errorCode === 0 ? 'ok' : kafkaErrorOf(errorCode).name}`;
  }
  if (part.kind === 'batch')
    return `${part.topic}-${String(part.partition)} ${String(part.batch.baseOffset)} to ${String(part.batch.lastOffset)}`;
  return part.kind;
}

function nameOf(error: unknown): string {
  if (KafkaRxError.is(error)) return error.code;
  return error instanceof Error ? error.message : String(error);
}
