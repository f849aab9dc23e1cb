import { randomUUID } from 'node:crypto';
import { purchaseRegistered, type Draft, type Person } from '@landfall/contracts';
import type { Page, TestBrowser } from './browser.fixture';
import type { TestGateway } from './gateway.fixture';
import type { TestPerson } from './identity.fixture';

export const ada: TestPerson = { tid: randomUUID(), oid: randomUUID(), name: 'Ada Fabrikam', email: 'ada@fabrikam.example' };
export const bruno: TestPerson = { tid: ada.tid, oid: randomUUID(), name: 'Bruno Fabrikam', email: 'bruno@fabrikam.example' };
export const stranger: TestPerson = { tid: randomUUID(), oid: randomUUID(), name: 'Chen Northwind' };
export const owner = (person: TestPerson): Person => ({ tenantId: person.tid, objectId: person.oid });

/** As Microsoft's: with characters that a careless parser loses. */
export const token = () => `${randomUUID()}+/${randomUUID()}==`;

export interface Landed {
  readonly browser: TestBrowser;
  readonly path: string;
  readonly purchaseId: string;
}

/** What customers do in the gateway's pages. */
export class Customers {
  constructor(private readonly gateway: TestGateway) {}

  async land(browser = this.gateway.browser(), purchaseToken = token(), address = '/landing'): Promise<Landed> {
    const { location } = await browser.get(`${address}?token=${encodeURIComponent(purchaseToken)}`);
    return { browser, path: location, purchaseId: location.replace('/purchase/', '') };
  }

  /** What the browser keeps of an arrival: its registration and its encrypted token. */
  kept(browser: TestBrowser, purchaseId: string): string {
    const parts = [0, 1, 2, 3].map((part) => browser.cookies.get(`__Host-landfall-landing-${purchaseId}-${part}`) ?? '');
    return decodeURIComponent(parts.join('')).split('~')[1] ?? '';
  }

  async signIn(browser: TestBrowser, path: string, person: TestPerson): Promise<Page> {
    const begin = await browser.get(path);
    const authorize = await browser.get(begin.location);
    const back = await browser.get(this.gateway.identity.signIn(authorize.location, person));
    if (back.location !== path) throw new Error(`the sign-in led to ${back.location || back.state}`);
    return browser.get(path);
  }

  /** A customer who has come, signed in, and whose purchase is registered. */
  async arrive(person: TestPerson, changes: object = {}) {
    const landing = await this.land();
    await this.signIn(landing.browser, landing.path, person);
    const subscriptionId = randomUUID();
    await this.gateway.deliver(registered(landing.purchaseId, subscriptionId, changes));
    return { ...landing, subscriptionId, page: await landing.browser.get(landing.path) };
  }
}

const silver = { planId: 'silver', displayName: 'Silver <plan>', description: 'For teams', isPricePerSeat: true };
const bounds = { minQuantity: 1, maxQuantity: 10, isStopSell: false };
const plans = [{ ...silver, ...bounds, prices: [{ termUnit: 'P1M', price: '12', currency: 'USD' }] }];

/** What the subscription service publishes when a purchase is known. */
export function registered(purchaseId: string, subscriptionId: string, changes: object = {}): Draft {
  const offer = { publisherId: 'contoso', offerId: 'contoso-saas', isPreview: false };
  const bought = { subscriptionId, ...offer, planId: 'silver', quantity: 5, termUnit: 'P1M', version: 1 };
  const state = { status: 'PendingFulfillmentStart', stage: 'awaiting-customer', access: 'none' } as const;
  return purchaseRegistered({ purchaseId, ...bought, ...state, beneficiary: owner(ada), purchaser: owner(ada), plans, ...changes });
}

/** A public event of a subscription at a version. */
export function subscriptionEvent(name: string, subscriptionId: string, version: number, changes: object): Draft {
  const { planId, quantity } = { planId: 'silver', quantity: 5 };
  const current = { planId, quantity, status: 'Subscribed' };
  const data = {
    ...{ subscriptionId, version, publisherId: 'contoso', offerId: 'contoso-saas', isPreview: false, planId, quantity },
    ...{ status: 'PendingFulfillmentStart', stage: 'awaiting-customer', access: 'none', beneficiary: owner(ada), purchaser: owner(ada) },
    ...{ term: null, autoRenew: true, isFreeTrial: false, allowedCustomerOperations: ['Read'], privateOfferId: null, purchasedAt: null },
    ...{ effectiveAt: null, observedAt: new Date().toISOString(), imported: false, cause: { source: 'landing' } },
    ...{ current, previous: current, retainedUntil: new Date().toISOString(), graceEndsAt: new Date().toISOString() },
  };
  return { type: `landfall.subscription.${name}.v1`, key: subscriptionId, data: { ...data, ...changes } };
}
