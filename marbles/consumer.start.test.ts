import { mergeAll } from 'rxjs';
import { test } from 'vitest';
import { marble, named, offsets } from '../test/support/scripted/index.ts';

test('a topic that comes later is consumed from then on', marble(({ cluster, consume, play, expectObservable }) => {
  const script =  '150ms c              ';
  const records = '207ms 0              '
  expectObservable(consume().pipe(mergeAll(), offsets()), '400ms !').toBe(records);
  play(script, { c: () => cluster.topic('orders', 1, 1) });
}));

test('a topic that may not be read ends a consumer at once before it has begun, and says so of its streams alone after that', marble(({ cluster, consume, play, expectObservable }) => {
  cluster.topic('orders', 1, 1);
  const script =  '--------x- 89ms w';       // metadata is looked at again at 52
  const records = '----0----- 90ms 1';
  expectObservable(consume({ metadataMaxAge: 50 }).pipe(mergeAll(), offsets(), named()), '200ms !').toBe(records);
  play(script, { x: () => cluster.fail('Metadata', 'TOPIC_AUTHORIZATION_FAILED'), w: () => cluster.append('orders', 0, 1) });
}));
