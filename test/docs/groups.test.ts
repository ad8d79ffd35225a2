import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { transitions } from '../../src/group/membershipState.ts';

/** The table as it is drawn: an arrow for each pair of states, with the events that go along it. */
function drawn(): string {
  const arrows = new Map<string, string[]>();
  for (const [from, targets] of Object.entries(transitions))
    for (const [event, to] of Object.entries(targets)) {
      const arrow = `${from} --> ${to}`;
      arrows.set(arrow, [...(arrows.get(arrow) ?? []), event]);
    }
  const lines = [...arrows].map(([arrow, events]) => `  ${arrow}: ${events.join(', ')}`);
  return ['  [*] --> unjoined', ...lines, '  leaving --> [*]', '  fenced --> [*]'].join('\n');
}

test('docs/groups.md draws the states of a member as they are', () => {
  const page = readFileSync(new URL('../../docs/groups.md', import.meta.url), 'utf8');
  expect(page).toContain(`\`\`\`mermaid\nstateDiagram-v2\n${drawn()}\n\`\`\``);
});
