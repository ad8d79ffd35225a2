import { fetchApi } from '../../../../src/protocol/apis/fetch.ts';
import { Desk } from '../kit/desk.ts';
import type { Conversation, Talk } from '../kit/talk.ts';

const large = 'x'.repeat(1_000);

/** `orders`, partition 0: batches 0 to 2, 3 to 4, 5. Partition 1: one batch 0 to 1 of large records. Partition 2: empty. */
async function threeBatches(talk: Talk): Promise<Desk> {
  const desk = await Desk.open(talk);
  await desk.topic('orders', { partitions: 3 });
  await desk.produce('orders', 0, ['a', 'b', 'c']);
  await desk.produce('orders', 0, [{ key: Buffer.from('k'), value: null, headers: [['h', Buffer.from('1')]] }, 'e']);
  await desk.produce('orders', 0, ['f']);
  await desk.produce('orders', 1, [large, large]);
  return desk;
}

export const positions: Conversation = async (talk) => {
  const desk = await threeBatches(talk);
  for (const offset of [0, 1, 2, 3, 5]) await desk.fetch(`from ${offset}`, [{ topic: 'orders', offset }]);
  for (const offset of [7, -1, -5]) await desk.fetch(`from ${offset}, out of range`, [{ topic: 'orders', offset }]);
  await desk.fetch('from the end', [{ topic: 'orders', offset: 6 }]);
  await desk.fetch('an empty partition', [{ topic: 'orders', partition: 2 }]);
  await desk.fetch('a partition that there is not', [{ topic: 'orders', partition: 7 }]);
  await desk.fetch('a topic that there is not', [{ topic: 'nothing' }]);
  await desk.fetch('nothing', []);
};

export const epochs: Conversation = async (talk) => {
  const desk = await threeBatches(talk);
  for (const epoch of [-1, 0, 1]) await desk.fetch(`believing in leader epoch ${epoch}`, [{ topic: 'orders', offset: 5, epoch }]);
  for (const lastEpoch of [0, 1]) {
    await desk.fetch(`having read epoch ${lastEpoch}`, [{ topic: 'orders', offset: 5, epoch: 0, lastEpoch }]);
    await desk.fetch(`having read epoch ${lastEpoch} beyond the end`, [{ topic: 'orders', offset: 9, epoch: 0, lastEpoch }]);
  }
};

export const sizes: Conversation = async (talk) => {
  const desk = await threeBatches(talk);
  await desk.fetch('at most 1 byte: the first batch whole', [{ topic: 'orders' }], { maxBytes: 1 });
  await desk.fetch('at most 0 bytes', [{ topic: 'orders' }], { maxBytes: 0 });
  await desk.fetch('at most 1 byte of the partition', [{ topic: 'orders', maxBytes: 1 }]);
  await desk.fetch('at most 0 bytes of the partition', [{ topic: 'orders', maxBytes: 0 }]);
  for (const maxBytes of [84, 90, 150, 180, 200, 260, 400])
    await desk.fetch(`at most ${maxBytes} bytes of the partition`, [{ topic: 'orders', maxBytes }]);
  for (const maxBytes of [90, 200]) await desk.fetch(`at most ${maxBytes} bytes in all`, [{ topic: 'orders' }], { maxBytes });
  const both = [{ topic: 'orders' }, { topic: 'orders', partition: 1 }];
  for (const maxBytes of [1, 300, 1_000, 2_000, 3_000]) await desk.fetch(`two partitions in ${maxBytes} bytes`, both, { maxBytes });
  await desk.fetch('the large one first, in 1,000 bytes', [...both].reverse(), { maxBytes: 1_000 });
  await desk.fetch(
    'two partitions of 1 byte each',
    both.map((wanted) => ({ ...wanted, maxBytes: 1 })),
  );
  await desk.fetch('an error, then two partitions in 1 byte', [{ topic: 'orders', partition: 7 }, ...both], { maxBytes: 1 });
  await desk.fetch(
    'the end of one, then another in 1 byte',
    [
      { topic: 'orders', offset: 6 },
      { topic: 'orders', partition: 1 },
    ],
    { maxBytes: 1 },
  );
};

export const order: Conversation = async (talk) => {
  const desk = await threeBatches(talk);
  await desk.topic('bills');
  await desk.produce('bills', 0, ['bill']);
  await desk.fetch('partitions out of order', [
    { topic: 'orders', partition: 2 },
    { topic: 'orders', partition: 0, offset: 5 },
    { topic: 'bills' },
    { topic: 'orders', partition: 1, maxBytes: 1 },
  ]);
  await desk.fetch('errors between the others', [
    { topic: 'orders', partition: 7 },
    { topic: 'orders', partition: 0, offset: 5 },
    { topic: 'nothing' },
    { topic: 'bills', offset: 9 },
    { topic: 'orders', partition: 2 },
  ]);
  const request = desk.fetchRequest([{ topic: 'orders', offset: 5 }]);
  const [topic] = request.topics;
  const [partition] = topic?.partitions ?? [];
  if (topic === undefined || partition === undefined) return;
  const twice = { ...topic, partitions: [partition, { ...partition, fetchOffset: 3 }] };
  await desk.ask('one partition twice', fetchApi, { ...request, topics: [twice] });
};

export const longPolls: Conversation = async (talk) => {
  const desk = await threeBatches(talk);
  const polling = await Desk.open(talk);
  const end = [{ topic: 'orders', offset: 6 }];
  await talk.timed('a poll at the end that nothing ends', 400, polling.fetch('at the end', end, { maxWaitMs: 400 }));
  await talk.timed(
    'a poll that finds something',
    400,
    polling.fetch('before the end', [{ topic: 'orders', offset: 5 }], { maxWaitMs: 400 }),
  );
  await talk.timed('a poll that may not wait', 400, polling.fetch('at the end', end, { maxWaitMs: 0 }));
  await talk.timed('a poll for no bytes', 400, polling.fetch('at the end', end, { maxWaitMs: 400, minBytes: 0 }));
  await talk.timed(
    'a poll for more than there is',
    400,
    polling.fetch('before the end', [{ topic: 'orders', offset: 5 }], { maxWaitMs: 400, minBytes: 10_000 }),
  );
  await talk.timed(
    'a poll for more than the partition may give',
    400,
    polling.fetch('in the large one', [{ topic: 'orders', partition: 1, maxBytes: 10 }], { maxWaitMs: 400, minBytes: 10_000 }),
  );
  await talk.timed(
    'a poll with an error',
    400,
    polling.fetch('an error beside it', [...end, { topic: 'orders', partition: 7 }], { maxWaitMs: 400 }),
  );
  await talk.timed('a poll for no partition', 400, polling.fetch('of nothing', [], { maxWaitMs: 400 }));
  const ended = talk.timed('a poll that a batch ends', 2_000, polling.fetch('at the end', end, { maxWaitMs: 2_000 }));
  await talk.pause(50);
  await desk.produce('orders', 0, ['g']);
  await ended;
  const both = [
    { topic: 'orders', offset: 7 },
    { topic: 'orders', partition: 2 },
  ];
  const other = talk.timed(
    'a poll of two that a batch of the second ends',
    2_000,
    polling.fetch('both at their ends', both, { maxWaitMs: 2_000 }),
  );
  await talk.pause(50);
  await desk.produce('orders', 2, ['first']);
  await other;
  const enough = talk.timed(
    'a poll for 150 bytes that a second batch ends',
    2_000,
    polling.fetch('at the end', [{ topic: 'orders', offset: 7 }], { maxWaitMs: 2_000, minBytes: 150 }),
  );
  await talk.pause(50);
  await desk.produce('orders', 0, ['h'.repeat(40)]);
  await talk.pause(50);
  await desk.produce('orders', 0, ['i'.repeat(40)]);
  await enough;
};

export const versions: Conversation = async (talk) => {
  const desk = await threeBatches(talk);
  for (let version = 4; version <= 12; version++) {
    await desk.fetch(
      'one with records, one out of range, one that there is not',
      [{ topic: 'orders' }, { topic: 'orders', partition: 1, offset: 9 }, { topic: 'orders', partition: 7 }],
      {},
      version,
    );
    await desk.fetch('under read_committed', [{ topic: 'orders', offset: 3 }], { isolationLevel: 1 }, version);
    await desk.fetch('with a session', [{ topic: 'orders', offset: 5 }], { sessionEpoch: 0 }, version);
  }
};

export const codecs: Conversation = async (talk) => {
  const desk = await Desk.open(talk);
  await desk.topic('orders');
  await desk.produce('orders', 0, ['a', 'b'], { compression: 'gzip' });
  await desk.produce('orders', 0, ['c'], {});
  await desk.fetch('from 0', [{ topic: 'orders' }]);
  await desk.fetch('from 1: the whole batch', [{ topic: 'orders', offset: 1 }]);
};
