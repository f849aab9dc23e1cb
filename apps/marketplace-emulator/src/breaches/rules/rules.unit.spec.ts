import { rules } from './rules';

it('has each rule once, with a name, a section and whole sentences', () => {
  expect(new Set(rules.map(({ id }) => id)).size).toBe(rules.length);
  for (const { id, section, title, asks, leadsTo, instead } of rules) {
    expect(id).toMatch(/^[a-z]+(-[a-z]+)+$/);
    expect(section).toMatch(/^\d+(\.\d+)*( \(\d+(, \d+)*\))?(, \d+(\.\d+)*( \(\d+(, \d+)*\))?)*$/);
    expect(title).toMatch(/^[A-Z].*[^.]$/);
    for (const sentence of [asks, leadsTo, instead]) expect(sentence).toMatch(/^[A-Z].*\.$/);
  }
});

it('starts each rule with an empty state of its own', () => {
  const world = { sinceMs: 0 } as never;
  for (const rule of rules) expect(rule.watch(world)).not.toBe(rule.watch(world));
});
