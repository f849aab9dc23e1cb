import { randomUUID } from 'node:crypto';
import { Browser, type Page } from '@landfall/local';
import { eventually, patience } from '../eventually';
import type { Microsoft } from '../microsoft';
import type { Operator } from './acts/operator';
import type { OfferKind } from './sold';
import type { Purchase } from './storm.plan';

/** More at once would only wait for each other on two cores. */
const customersAtOnce = 4;

export interface Bought extends Purchase {
  subscriptionId: string;
}

/** What is sold, where, and who knows of it. */
interface Market {
  /** The offer ids. */
  offers: Record<OfferKind, string>;
  microsoft: Microsoft;
  operator: Operator;
}

/**
 * Buys all of them as customers do, each a person of their own: in the store, over the landing page and its form, until Microsoft shows Subscribed, or the purchase waits
 * for an operator.
 */
export async function buyAll(purchases: readonly Purchase[], market: Market): Promise<Bought[]> {
  const bought: Bought[] = [];
  const waiting = [...purchases.entries()];
  const customer = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) bought[next[0]] = await buy(next[1], next[0], market);
  };
  await Promise.all(Array.from({ length: customersAtOnce }, customer));
  return bought;
}

async function buy(purchase: Purchase, number: number, market: Market): Promise<Bought> {
  const { planId, quantity, offer } = purchase;
  const emailId = `customer-${number}@storm.example`;
  const beneficiary = { objectId: randomUUID(), tenantId: randomUUID(), emailId, displayName: `Customer ${number}` };
  const { subscriptionId, landingUrl } = await market.microsoft.sell({
    planId,
    quantity,
    offerId: market.offers[offer],
    beneficiary,
    purchaser: beneficiary,
  });
  const browser = new Browser();
  const signIn = await browser.open(landingUrl);
  const arrived = await browser.submit(signIn.action('people'), { person: signIn.value('person', `person-${emailId}`) });
  const form = await untilForm(browser, arrived);
  await browser.submit(form.action('confirm-form'), {
    name: `Customer ${number}`,
    email: emailId,
    purchaseId: form.value('purchaseId'),
    csrf: form.value('csrf'),
    acceptTerms: 'yes',
  });
  await eventually(() => (offer === 'reviewed' ? seenToWait(subscriptionId, market) : seenSubscribed(subscriptionId, market)));
  return { ...purchase, subscriptionId };
}

async function seenSubscribed(subscriptionId: string, { microsoft }: Market): Promise<void> {
  const { saasSubscriptionStatus } = await microsoft.truth(subscriptionId);
  if (saasSubscriptionStatus !== 'Subscribed')
    throw new Error(`${subscriptionId} is ${saasSubscriptionStatus} after its customer confirmed`);
}

async function seenToWait(subscriptionId: string, { operator }: Market): Promise<void> {
  const record = await operator.record(subscriptionId, patience);
  if (record?.['stage'] !== 'awaiting-approval')
    throw new Error(`${subscriptionId} waits for no approval after its customer confirmed: its stage is ${String(record?.['stage'])}`);
}

function untilForm(browser: Browser, arrived: Page): Promise<Page> {
  return eventually(async () => {
    const page = await browser.open(arrived.url);
    if (page.state !== 'form') throw new Error(`The purchase page says "${page.state}" and shows no form`);
    return page;
  });
}
