import type { Fault } from '../fault.ts';
import { isKind } from './faults.ts';

/** A piece of an answer on its way: it arrives so many ms after the one before. `end`: the connection is over. `pause`: nothing arrives, and nothing else is served. */
export type Piece =
  | { readonly kind: 'bytes'; readonly after: number; readonly bytes: Buffer }
  | { readonly kind: 'pause'; readonly after: number }
  | { readonly kind: 'end'; readonly after: number };

/** How an answer arrives that a fault has struck, or none. */
export function piecesOf(frame: Buffer, latency: number, fault: Fault | undefined): readonly Piece[] {
  const whole: Piece = { kind: 'bytes', after: latency, bytes: frame };
  if (isKind(fault, 'latency')) return [{ ...whole, after: latency + fault.delay }];
  if (isKind(fault, 'trickle')) return trickle(frame, latency, fault);
  if (isKind(fault, 'corrupt')) return [{ ...whole, bytes: corrupted(frame, fault.at, fault.length ?? 1) }];
  if (isKind(fault, 'throttle')) return [whole, { kind: 'pause', after: fault.delay }];
  if (!isKind(fault, 'reset')) return [whole];
  const end: Piece = { kind: 'end', after: 0 };
  return fault.when === 'inside' ? [{ ...whole, bytes: frame.subarray(0, Math.ceil(frame.length / 2)) }, end] : [whole, end];
}

function trickle(frame: Buffer, latency: number, { bytes, every }: Fault & { readonly kind: 'trickle' }): readonly Piece[] {
  const step = Math.max(1, bytes);
  return Array.from({ length: Math.ceil(frame.length / step) }, (_, index): Piece => {
    return { kind: 'bytes', after: index === 0 ? latency : every, bytes: frame.subarray(index * step, (index + 1) * step) };
  });
}

function corrupted(frame: Buffer, at: number, length: number): Buffer {
  const copy = Buffer.from(frame);
  const from = Math.min(Math.max(0, at < 0 ? frame.length + at : at), frame.length);
  for (let index = from; index < Math.min(from + length, frame.length); index++) copy.writeUInt8(copy.readUInt8(index) ^ 0xff, index);
  return copy;
}
