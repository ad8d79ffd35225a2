import { expect, test } from 'vitest';
import { tableOf, working } from './scenario.ts';

test('a new position does not wait for the pace of a poll that brought nothing at the old one', () => {
  const cursor = working(tableOf().table, 5);
  cursor.route.succeeded(1_000);
  cursor.relocate({ kind: 'place', at: 'earliest' }, 'seek');
  expect(cursor.route.notBefore).toBe(0);
});

test('a back-off that was earned is the new position’s as well', () => {
  const cursor = working(tableOf().table, 5);
  cursor.route.failed(1_000);
  cursor.relocate({ kind: 'place', at: 'earliest' }, 'seek');
  expect(cursor.route.notBefore).toBe(1_000);
});

test('what was found out about the old position means nothing for the new one', () => {
  const cursor = working(tableOf().table, 5);
  const { route } = cursor;
  route.provenIn = 3;
  route.doubt = { kind: 'unproven' };
  route.nothingAt = 5;
  route.round = {};
  cursor.relocate({ kind: 'place', at: 'earliest' }, 'seek');
  expect([route.provenIn, route.doubt, route.nothingAt, route.round]).toEqual([-1, undefined, undefined, undefined]);
});
