import { stableId } from './identity';
import { partitionOf } from './topics/partition';

const subscriptionId = 'c6f3b0de-7a5e-4f0c-9d43-2f1b8e6a7d15';

/** Values from independent implementations (RFC 9562 version 5; FNV-1a). They must never change: they are partitions and ids of live data. */
describe('partitionOf', () => {
  it.each([
    ['', 5, 13],
    ['a', 4, 4],
    [subscriptionId, 3, 11],
    ['2e0a9f5c-41d8-4b7e-8c36-95d1f7b3e024', 1, 17],
    ['ack:9b1c', 7, 23],
    ['fabrikam-Ω', 0, 16],
  ])('puts the key "%s" into partition %i of 8 and %i of 24, for ever', (key, of8, of24) => {
    expect([partitionOf(key, 8), partitionOf(key, 24)]).toEqual([of8, of24]);
  });
});

describe('stableId', () => {
  const type = 'landfall.subscription.purchased.v1';

  it.each([
    [['a'], '71b9320e-cb40-5ad5-be04-c32827b31eb2'],
    [[subscriptionId, type, 0], '49877161-96f3-5e12-ab53-c1b6252500f1'],
    [[subscriptionId, type, 1], '8669da3a-9efb-59a6-9ccc-b87d6513b773'],
    [['Zürich', 7], 'c7bf7f42-bf35-59b8-bdf9-a19c64e62bf2'],
  ])('of %j is the same id, for ever', (parts, id) => {
    expect(stableId(...parts)).toBe(id);
  });
});
