import type { Seen } from '../seen.ts';
import type { StreamShadow } from './streamShadow.ts';

/** What is seen of a stream that is there. */
export type SeenOfStream = Exclude<Extract<Seen, { readonly stream: number }>, { readonly kind: 'stream' }>;

/** Takes in what is seen of a stream. `rewinds`: who subscribes again begins at the lowest record that is not acked. */
export function takeOfStream(stream: StreamShadow | undefined, seen: SeenOfStream, rewinds: boolean, at: number): void {
  switch (seen.kind) {
    case 'subscribed':
      stream?.subscribed(rewinds, at);
      break;
    case 'unsubscribed':
    case 'completed':
    case 'errored':
      stream?.left(seen.kind, at);
      break;
    case 'delivered':
      stream?.handedOver(seen.offsets, seen.bytes, at);
      break;
    case 'acked':
      if (seen.positionEpoch === stream?.positionEpoch) stream.acked(seen.offset, at);
      break;
    case 'seek':
      stream?.relocated(at);
      if (stream !== undefined) stream.goesToCommitted = seen.to === 'committed';
      break;
    case 'seekRefused':
      stream?.seekRefused();
      break;
    case 'paused':
    case 'resumed':
      stream?.held(seen.kind === 'paused' ? 1 : -1, at);
      break;
    default:
      seen satisfies never;
  }
}
