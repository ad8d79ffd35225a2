/** Why a partition is not asked for its records before its leader has said something about the log itself. */
export type Doubt =
  /** Whether the leader's log is the one that was read (before Fetch version 12, which tells). */
  | { readonly kind: 'unproven' }
  /** The leader says that the position is out of range: where does its log begin (`low`, once that is known), and where does it end? */
  | { readonly kind: 'range'; readonly low?: number };
