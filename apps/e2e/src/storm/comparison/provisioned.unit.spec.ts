import { provisionedOf } from './provisioned';
import type { AnnouncedEvent, AtProduct } from './sides';

const compared = (product: Partial<AtProduct>, status: string, ...kinds: string[]) =>
  provisionedOf(
    { requests: 1, made: 1, hasTenant: true, ...product },
    kinds.map((kind) => ({ kind }) as AnnouncedEvent),
    { status },
  ).map(({ kind, detail }) => `${kind}: ${detail}`);

describe('the comparison with the product', () => {
  it('finds nothing where there is one tenant, also after its end, or none was asked for', () => {
    expect(compared({}, 'Suspended', 'activated')).toEqual([]);
    expect(compared({}, 'Unsubscribed', 'activated')).toEqual([]);
    expect(compared({ requests: 0, made: 0, hasTenant: false }, 'PendingFulfillmentStart')).toEqual([]);
    expect(compared({ hasTenant: false }, 'Unsubscribed')).toEqual([]);
  });

  it('finds what is provisioned twice', () => {
    expect(compared({ requests: 2, made: 2 }, 'Subscribed', 'activated')).toEqual([
      'provisioned twice: the product was asked for a tenant by 2 different requests',
      'provisioned twice: the product made 2 tenants',
    ]);
  });

  it('finds a tenant that is missing, and one that is left', () => {
    expect(compared({ hasTenant: false }, 'Subscribed', 'activated')).toEqual(['untrue tenant: it is Subscribed, and there is no tenant']);
    expect(compared({}, 'Unsubscribed')).toEqual(['untrue tenant: it has ended before anybody used it, and its tenant is still there']);
  });
});
