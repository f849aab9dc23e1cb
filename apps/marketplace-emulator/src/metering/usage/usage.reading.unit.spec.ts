import { readUsage } from './usage.reading';

const good = {
  resourceId: 'b8d6908b-0058-413a-cd62-000000000001',
  quantity: 5,
  dimension: 'emails',
  effectiveStartTime: '2024-02-01T08:30:14Z',
  planId: 'base',
};

it('reads an event, and ignores what it does not know', () => {
  expect(readUsage({ ...good, comment: 'hello' })).toEqual({
    ...good,
    resourceUri: undefined,
    effectiveAtMs: Date.parse('2024-02-01T08:30:14Z'),
  });
});

it.each([null, undefined, [], 'text', 5, true, {}, [good]])('asks for every member of %j', (raw) => {
  expect(readUsage(raw)).toEqual(
    [
      ['resourceId', 'ResourceId'],
      ['quantity', 'Quantity'],
      ['dimension', 'Dimension'],
      ['effectiveStartTime', 'EffectiveStartTime'],
      ['planId', 'PlanId'],
    ].map(([member, target]) => ({ message: `The ${member} is required.`, target, code: 'BadArgument' })),
  );
});

it.each([
  ['ResourceId', { resourceId: 'my-subscription' }],
  ['ResourceId', { resourceId: 7 }],
  ['ResourceId', { resourceId: null }],
  ['ResourceUri', { resourceId: undefined, resourceUri: {} }],
  ['Quantity', { quantity: '5' }],
  ['Quantity', { quantity: null }],
  ['Quantity', { quantity: NaN }],
  ['Quantity', { quantity: Infinity }],
  ['Quantity', { quantity: true }],
  ['Dimension', { dimension: '' }],
  ['Dimension', { dimension: ['emails'] }],
  ['EffectiveStartTime', { effectiveStartTime: '2024-02-01' }],
  ['EffectiveStartTime', { effectiveStartTime: 1_706_776_214 }],
  ['PlanId', { planId: { id: 'base' } }],
])('reports %s alone for %j', (target, wrong) => {
  expect(readUsage({ ...good, ...wrong })).toEqual([expect.objectContaining({ target, code: 'BadArgument' })]);
});

it.each([0, -0, -5, 1e-300, 1e308])('leaves it to others what the quantity %d is worth', (quantity) => {
  expect(readUsage({ ...good, quantity })).toMatchObject({ quantity });
});

it('takes a resourceUri in the place of a resourceId, and both together', () => {
  const resourceUri = '/subscriptions/1/resourceGroups/rg/providers/Microsoft.SaaS/resources/one';
  expect(readUsage({ ...good, resourceId: undefined, resourceUri })).toMatchObject({ resourceId: undefined, resourceUri });
  expect(readUsage({ ...good, resourceUri })).toMatchObject({ resourceId: good.resourceId, resourceUri });
});
