import { expect, test } from 'vitest';
import { collidingWith, isInternal, whyInvalid } from '../../../../src/testing/model/admin/topicNames.ts';

test.each([
  ['', 'Topic name is invalid: the empty string is not allowed'],
  ['.', "Topic name is invalid: '.' is not allowed"],
  ['..', "Topic name is invalid: '..' is not allowed"],
  ['...', undefined],
  ['a b', "Topic name is invalid: 'a b' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'"],
  ['ä', "Topic name is invalid: 'ä' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'"],
  ['a\n', "Topic name is invalid: 'a\n' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'"],
  ['a.B_9-', undefined],
  ['x'.repeat(249), undefined],
])('%j: %s', (name, why) => {
  expect(whyInvalid(name)).toBe(why);
});

test('a name of 250 is too long', () => {
  expect(whyInvalid('x'.repeat(250))).toContain('is longer than the max allowed length 249');
});

test.each([
  ['a.b', ['a_b'], 'a_b'],
  ['a_b', ['c', 'a.b'], 'a.b'],
  ['a.b', ['a.c'], undefined],
  ['ab', ['ab'], undefined],
])('%s beside %o collides with %s', (name, others, other) => {
  expect(collidingWith(name, others)).toBe(other);
});

test.each([
  ['__consumer_offsets', true],
  ['__transaction_state', true],
  ['__mine', false],
])('%s is internal: %s', (name, is) => {
  expect(isInternal(name)).toBe(is);
});
