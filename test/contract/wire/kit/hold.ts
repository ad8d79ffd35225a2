import { randomBytes } from 'node:crypto';
import { Talk, type WireGround } from './talk.ts';

/** Holds a conversation on a ground. Resolves with its transcript; of one that fails, with what was said, and why it ended. `deadline`: ms. */
export async function hold<G extends WireGround>(
  conversation: (talk: Talk, ground: G) => Promise<void>,
  ground: G,
  deadline = 20_000,
): Promise<string> {
  const talk = new Talk(ground, { tag: `-${randomBytes(6).toString('hex')}`, began: Date.now() - 1_000_000 });
  const tooLate = async (): Promise<never> => {
    await ground.pause(deadline);
    throw new Error(`it has not ended in ${deadline} ms`);
  };
  try {
    await ground.run(() => Promise.race([conversation(talk, ground), tooLate()]));
    return talk.transcript();
  } catch (error) {
    return `${talk.transcript()}\n# it ended with\n${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`;
  } finally {
    talk.close();
  }
}
