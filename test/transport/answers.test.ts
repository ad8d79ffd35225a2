import { describe, expect, test } from 'vitest';
import { Answers, type Waiter } from '../../src/transport/answers.ts';

function frame(id: number): Buffer {
  const bytes = Buffer.alloc(6);
  bytes.writeInt32BE(id);
  return bytes;
}

function waiter(name: string, log: string[]): Waiter {
  return { answer: () => log.push(`${name} answered`), fail: (error) => log.push(`${name} ${error.message}`) };
}

describe('answers', () => {
  test('each answer goes to who asked, in order', () => {
    const log: string[] = [];
    const answers = new Answers();
    expect([answers.expect(waiter('a', log)), answers.expect(waiter('b', log)), answers.nextId]).toEqual([0, 1, 2]);
    for (const id of [0, 1]) answers.take(frame(id))?.answer(frame(id));
    expect(log).toEqual(['a answered', 'b answered']);
  });

  test('a cancelled answer is passed over, and the order still holds', () => {
    const log: string[] = [];
    const answers = new Answers();
    answers.cancel(answers.expect(waiter('a', log)));
    answers.expect(waiter('b', log));
    expect(answers.take(frame(0))).toBeUndefined();
    answers.take(frame(1))?.answer(frame(1));
    expect(log).toEqual(['b answered']);
  });

  test('the wrong answer, one that nobody asked for, and one too short are refused', () => {
    const answers = new Answers();
    expect(() => answers.take(frame(0))).toThrow('nothing was asked');
    answers.expect(waiter('a', []));
    answers.expect(waiter('b', []));
    expect(() => answers.take(frame(1))).toThrow('the answer to request 1 came where that to 0 was due');
    expect(() => answers.take(Buffer.alloc(3))).toThrow('3 bytes');
  });

  test('a cancelled answer out of order is refused as well', () => {
    const answers = new Answers();
    answers.expect(waiter('a', []));
    answers.cancel(answers.expect(waiter('b', [])));
    expect(() => answers.take(frame(1))).toThrow('request 1');
  });

  test('all are failed once; who asks meanwhile is not', () => {
    const log: string[] = [];
    const answers = new Answers();
    answers.expect({ answer: () => undefined, fail: () => answers.expect(waiter('again', log)) });
    answers.expect(waiter('b', log));
    answers.failAll(new Error('lost'));
    expect(log).toEqual(['b lost']);
    answers.failAll(new Error('lost again'));
    expect(log).toEqual(['b lost', 'again lost again']);
  });

  test('ids go round at the end of int32', () => {
    const answers = new Answers(0x7fffffff);
    expect([answers.expect(waiter('a', [])), answers.expect(waiter('b', []))]).toEqual([0x7fffffff, 0]);
    expect(answers.take(frame(0x7fffffff))).toBeDefined();
    expect(answers.take(frame(0))).toBeDefined();
  });
});
