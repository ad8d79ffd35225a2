import { Subject, type Observable } from 'rxjs';

/** A line that says "look again", and carries nothing: who hears it looks at the state. */
export interface Wake {
  readonly wakes: Observable<undefined>;
  wake(): void;
  /** No more of it. */
  end(): void;
}

export function createWake(): Wake {
  const subject = new Subject<undefined>();
  return {
    wakes: subject.asObservable(),
    wake: () => {
      subject.next(undefined);
    },
    end: () => {
      subject.complete();
    },
  };
}
