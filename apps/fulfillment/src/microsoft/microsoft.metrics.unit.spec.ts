import { register } from '@landfall/service-defaults';
import './microsoft.metrics';

it('begins every counter at 0, so that an alarm sees the first event as an increase', async () => {
  const counters = (await register.getMetricsAsJSON()).filter(({ name }) => name.endsWith('_total'));
  expect(counters.map(({ name }) => name)).toContain('marketplace_unended_operations_total');
  for (const { name, values } of counters) expect([name, values.map(({ value }) => value)]).toEqual([name, values.map(() => 0)]);
  expect(counters.filter(({ values }) => values.length === 0)).toEqual([]);
});
