import { VirtualTimeScheduler } from 'rxjs';

const drained = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(resolve);
  });

/** Virtual time for work with promises: it goes on only when no promise has anything more to do. */
export class VirtualTime extends VirtualTimeScheduler {
  /** Time passes until the work is done. Throws where it waits for something that will never be. */
  async during<T>(work: Promise<T>): Promise<T> {
    const end = { come: false };
    const settled = work.finally(() => (end.come = true));
    settled.catch(() => undefined);
    for (let idle = 0; !end.come && idle < 100; idle++) {
      await drained();
      if (this.step()) idle = 0;
    }
    if (!end.come) throw new Error('it waits for something that never happens');
    return settled;
  }

  pause(ms: number): Promise<void> {
    return new Promise((resolve) => this.schedule(() => resolve(), ms));
  }

  /** Does what is due next. False: there is nothing. */
  private step(): boolean {
    const [next] = this.actions;
    if (next === undefined) return false;
    if (next.closed) this.actions.shift();
    else {
      this.maxFrames = next.delay;
      this.flush();
    }
    return true;
  }
}
