import { register } from 'prom-client';
import { beginAtZero, counter } from './counter';

const samplesOf = async (name: string) =>
  (await register.getSingleMetricAsString(name)).split('\n').filter((line) => !line.startsWith('#'));

it('begins at 0 for each value of its label, so that the first event is seen as an increase', async () => {
  const counted = counter('first_total', 'x', { reason: ['late', 'lost'] });
  expect(await samplesOf('first_total')).toEqual(['first_total{reason="late"} 0', 'first_total{reason="lost"} 0']);
  counted.inc({ reason: 'lost' });
  expect(await samplesOf('first_total')).toEqual(['first_total{reason="late"} 0', 'first_total{reason="lost"} 1']);
});

it('begins at 0 for what its labels can say together, in groups where they do not go with each other', async () => {
  counter('groups_total', 'x', { outcome: ['taken', 'failed'], reason: [''] }, { outcome: ['rejected'], reason: ['late', 'lost'] });
  expect(await samplesOf('groups_total')).toEqual([
    'groups_total{outcome="taken",reason=""} 0',
    'groups_total{outcome="failed",reason=""} 0',
    'groups_total{outcome="rejected",reason="late"} 0',
    'groups_total{outcome="rejected",reason="lost"} 0',
  ]);
});

it('begins later where a value is known later, and keeps what was counted', async () => {
  const counted = counter('later_total', 'x', { consumer: [], outcome: ['dead'] });
  expect(await samplesOf('later_total')).toEqual([]);
  counted.inc({ consumer: 'a', outcome: 'dead' });
  beginAtZero(counted, { consumer: ['a', 'b'], outcome: ['dead'] });
  expect(await samplesOf('later_total')).toEqual([
    'later_total{consumer="a",outcome="dead"} 1',
    'later_total{consumer="b",outcome="dead"} 0',
  ]);
  expect(counter('later_total', 'x', { consumer: ['c'], outcome: ['dead'] })).toBe(counted);
});

it('begins at 0 without labels', async () => {
  counter('bare_total', 'x');
  expect(await samplesOf('bare_total')).toEqual(['bare_total 0']);
});
