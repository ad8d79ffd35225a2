import { finalize, mergeMap, Subject, tap } from 'rxjs';
import { expect } from 'vitest';
import { fromKafka, type ConsumerOptions } from '../../../../src/index.ts';
import type { Ground } from '../ground.ts';
import { mortal } from '../mortal.ts';

/** A member of a group that acks what it gets. */
export interface Member {
  /** The partitions that it holds now, in order. */
  readonly held: readonly number[];
  /** How often it was given a partition. */
  readonly given: number;
  /** `partition@offset`, in the order in which they came. */
  readonly seen: readonly string[];
  /** Stops gracefully; resolves when it is over. */
  leave(): Promise<void>;
  /** Is gone without a word. */
  vanish(): void;
}

export function join(ground: Ground, topic: string, groupId: string, options: Partial<ConsumerOptions>): Member {
  const connector = mortal(ground.connector());
  const until = new Subject<void>();
  const held = new Set<number>();
  const seen: string[] = [];
  let given = 0;
  let over: () => void = () => undefined;
  const left = new Promise<void>((resolve) => (over = resolve));
  const life = fromKafka(connector, { groupId, topics: topic, until, closeTimeout: 1_000, ...options } as ConsumerOptions)
    .pipe(
      mergeMap((stream) => {
        held.add(stream.partition);
        given++;
        return stream.pipe(
          tap((record) => {
            seen.push(`${record.partition}@${record.offset}`);
            record.ack();
          }),
          finalize(() => held.delete(stream.partition)),
        );
      }),
    )
    .subscribe({ error: (error: unknown) => expect.unreachable(String(error)), complete: over });
  return {
    get held() {
      return [...held].sort();
    },
    get given() {
      return given;
    },
    seen,
    leave: () => {
      until.next();
      return left;
    },
    vanish: () => {
      connector.die();
      life.unsubscribe();
    },
  };
}
