import { produceApi } from '../../../../src/protocol/apis/forTesting.ts';
import { encodeBatch } from '../../../../src/protocol/encodeBatch.ts';
import { Desk } from '../kit/desk.ts';
import type { Conversation } from '../kit/talk.ts';

export const produced: Conversation = async (talk) => {
  const desk = await Desk.open(talk);
  await desk.topic('orders', { partitions: 2 });
  const ask = (title: string, request: ReturnType<Desk['raw']>, version = 9): Promise<unknown> =>
    desk.ask(title, produceApi, request, version);
  await ask('two records', desk.batch('orders', 0, ['a', 'b']));
  await ask('one more', desk.batch('orders', 0, ['c'], { baseOffset: 77 }));
  await ask('when the leader has it', { ...desk.batch('orders', 0, ['d']), acks: 1 });
  await ask('with acks that there are not', { ...desk.batch('orders', 0, ['d']), acks: 5 });
  await ask('to a partition that there is not', desk.batch('orders', 9, ['e']));
  await ask('to a topic that there is not', desk.batch('nothing', 0, ['e']));
  await ask('no bytes', desk.raw('orders', 0, Buffer.alloc(0)));
  const timed = [{ value: Buffer.from('x'), timestamp: talk.time(0) }];
  const good = encodeBatch(timed);
  await ask('two batches', desk.raw('orders', 0, Buffer.concat([good, good])));
  const damaged = Buffer.from(good);
  damaged.writeUInt8(damaged.readUInt8(damaged.length - 1) ^ 0xff, damaged.length - 1);
  await ask('a damaged batch', desk.raw('orders', 0, damaged));
  await ask('a batch that is cut', desk.raw('orders', 0, good.subarray(0, good.length - 1)));
  await ask('an empty batch', desk.raw('orders', 0, encodeBatch([], { baseTimestamp: talk.time(0) })));
  await ask('a control batch', desk.raw('orders', 0, encodeBatch(timed, { isControl: true })));
  await ask(
    'a batch with holes',
    desk.raw(
      'orders',
      0,
      encodeBatch([
        { ...timed[0], offsetDelta: 0 },
        { ...timed[0], offsetDelta: 5 },
      ]),
    ),
  );
  await ask(
    'in a transaction without a producer',
    desk.batch('orders', 0, ['f'], { isTransactional: true, producerId: 123_456, producerEpoch: 0, baseSequence: 0 }),
  );
  const { topicData } = desk.batch('orders', 1, ['second']);
  const both = desk.batch('orders', 0, ['first']);
  await ask('to two partitions', { ...both, topicData: [...both.topicData, ...topicData] });
  await ask('to two, of which there is one', { ...both, topicData: [...both.topicData, ...desk.batch('nothing', 0, ['x']).topicData] });
  await desk.fetch('what there is', [{ topic: 'orders' }, { topic: 'orders', partition: 1 }]);
  for (let version = 3; version <= 12; version++) await ask('one record', desk.batch('orders', 1, [`v${version}`]), version);
};
