interface Known {
  readonly broker: string;
  /** Since when it is open, or is being opened; ms. */
  readonly since: number;
  readonly open: boolean;
}

/** The connections of a consumer, and its attempts to connect. */
export class Connections {
  private readonly known = new Map<number, Known>();

  get size(): number {
    return this.known.size;
  }

  all(): Iterable<Known> {
    return this.known.values();
  }

  begun(connection: number, broker: string, since: number): void {
    this.known.set(connection, { broker, since, open: false });
  }

  opened(connection: number, broker: string, since: number): void {
    this.known.set(connection, { broker, since, open: true });
  }

  /** Whether it had been open: who gave up before there was a connection was not let in. */
  ended(connection: number): boolean {
    const wasOpen = this.known.get(connection)?.open !== false;
    this.known.delete(connection);
    return wasOpen;
  }

  /** An attempt to connect is under way. */
  get opening(): boolean {
    for (const { open } of this.known.values()) if (!open) return true;
    return false;
  }

  /** A connection to that broker was opened at that moment: what is sent over it then was made before. */
  hasJustOpened(broker: string, at: number): boolean {
    for (const each of this.known.values()) if (each.broker === broker && each.open && each.since === at) return true;
    return false;
  }
}
