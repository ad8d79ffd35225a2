import type { GroupMember } from '../../assignor.ts';

/** The generation of the last assignment: an int32, -1 if there was none. */
export function encodeGeneration(generation: number): Buffer {
  const userData = Buffer.alloc(4);
  userData.writeInt32BE(generation);
  return userData;
}

/**
 * In which generation a member got what it says that it holds; -1: unknown. Subscriptions tell it from version 2 on (KIP-792), and in
 * version 1 only the user data does.
 */
export function generationOf({ generation, userData }: GroupMember): number {
  if (generation >= 0) return generation;
  return userData !== null && userData.length >= 4 ? userData.readInt32BE(0) : -1;
}
