import { register } from 'prom-client';
import { ageGauge } from './age.gauge';

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
