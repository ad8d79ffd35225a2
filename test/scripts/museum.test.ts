import { expect, test } from 'vitest';
import { hunt } from '../../scripts/museum/hunt.ts';
import { withMutants } from '../museum/catalogue.ts';

test('a mutant that nobody notices is told, and one that cannot be put in; one that is noticed is not', { timeout: 60_000 }, async () => {
  const noticed = withMutants().find(({ id }) => id === 'jitsu-restart-overlaps-static-member'); // a short one
  if (noticed === undefined) throw new Error('there are no mutants');
  const { find, file } = noticed.mutant;
  const survivor = { ...noticed, id: 'survivor', mutant: { file, find, replace: `/**/${find}`, why: 'A comment is added.' } };
  const misfit = { ...noticed, id: 'misfit', mutant: { file, find: 'this is nowhere', replace: '', why: 'Nothing is changed.' } };

  const { killed, complaints } = await hunt([noticed, survivor, misfit]);
  expect(killed.map(({ id }) => id)).toEqual([noticed.id]);
  expect(complaints).toEqual([expect.stringContaining('misfit: '), 'survivor\n    its mutant survives: A comment is added.']);
});
