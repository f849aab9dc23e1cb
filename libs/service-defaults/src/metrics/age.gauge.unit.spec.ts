import { register } from 'prom-client';
import { ageGauge, gaugeBy } from './age.gauge';

describe('a gauge of an age', () => {
  const name = 'things_oldest_waiting_seconds';
  afterEach(() => register.removeSingleMetric(name));

  it('is read anew at each scrape', async () => {
    let age = 0;
    ageGauge(name, 'Age of the oldest thing that waits', async () => (age += 30));
    expect(await register.getSingleMetricAsString(name)).toContain(`${name} 30`);
    expect(await register.metrics()).toContain(`${name} 60`);
  });

  it('stays with the first application of the process', async () => {
    ageGauge(name, 'Age of the oldest thing that waits', async () => 1);
    ageGauge(name, 'Age of the oldest thing that waits', async () => 2);
    expect(await register.getSingleMetricAsString(name)).toContain(`${name} 1`);
  });

  it('keeps its last value where it cannot be read, and hides no other metric', async () => {
    let isBroken = false;
    ageGauge(name, 'Age of the oldest thing that waits', async () => {
      if (isBroken) throw new Error('the database is away');
      return 30;
    });
    await register.metrics();
    isBroken = true;
    expect(await register.metrics()).toContain(`${name} 30`);
  });
});

it('shows by a label what is read now, and 0 for the values that are always shown', async () => {
  const name = 'things_waiting';
  const readings = [[['held', 2]], [['lost', 1]]] as const;
  let scrape = 0;
  gaugeBy({ name: 'state', always: ['held', 'sent'] }, name, 'Things that wait', async () => new Map(readings[scrape++]));
  const shown = async () =>
    [...(await register.getSingleMetricAsString(name)).matchAll(/state="(\w+)"\} (\d+)/g)].map(([, state, value]) => `${state} ${value}`);
  expect([await shown(), await shown()]).toEqual([
    ['held 2', 'sent 0'],
    ['held 0', 'sent 0', 'lost 1'],
  ]);
  register.removeSingleMetric(name);
});
