import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { alertsOf, repositoryDir } from '@landfall/local';
import { nameOf } from './alert.watch';
import { pageFile, unseen } from './page';
import { planFaults } from './plan';

const rules = alertsOf(repositoryDir);
const names = rules.map((rule) => nameOf(rule, rules));
const made = planFaults(() => 'a subscription').flatMap((phase) => phase.flat().flatMap(({ alerts }) => alerts));

it('a fault makes each alert, and none that there is not', () => {
  expect(
    unseen(
      rules,
      made.map((alert) => ({ alert })),
    ),
  ).toEqual([]);
  expect(made.filter((alert) => !names.includes(alert))).toEqual([]);
});

it('no two faults that go side by side make the same alert', () => {
  for (const phase of planFaults(() => 'a subscription')) {
    const alerts = phase.flat().flatMap(({ alerts: own }) => own);
    expect(alerts).toEqual([...new Set(alerts)]);
  }
});

it.each(names)('the page tells how %s came and went', (name) => {
  expect(readFileSync(join(repositoryDir, pageFile), 'utf8')).toMatch(new RegExp(`^\\| \\[${name.replace(/[()]/g, '\\$&')}\\]`, 'm'));
});
