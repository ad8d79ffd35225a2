/** What the coordinator of groups needs of its cluster. */
export interface Ground {
  /** The broker that coordinates; -1: none. */
  readonly coordinator: number;
  readonly settings: { readonly groupInitialRebalanceDelay: number };
  /** Something has happened that a parked request may wait for. */
  changed(): void;
}
