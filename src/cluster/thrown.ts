import { KafkaRxError } from '../errors/index.ts';

/** Whether the same may succeed later. Anything that is no error of this library is a defect, and is not tried again. */
export function isRetriable(thrown: unknown): thrown is KafkaRxError {
  return KafkaRxError.is(thrown) && thrown.retriable;
}

export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown), { cause: thrown });
}
