import { randomUUID } from 'node:crypto';
import { Browser, type Page } from '@landfall/local';
import { eventually, patience } from '../eventually';
import type { Microsoft } from '../microsoft';
import type { Operator } from './acts/operator';
import type { OfferKind } from './sold';
import type { Purchase } from './storm.plan';

/** More at once would only wait for each other on two cores. */
const customersAtOnce = 4;

/** How long one step of a purchase may take: several of them are set up at the same time, while much else begins. */
const stepLimitMs = 300_000;

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
  const { browser, arrived } = await eventually(() => arrive(landingUrl, emailId), stepLimitMs);
  await untilForm(browser, arrived);
  await eventually(() => confirm(browser, arrived, { name: `Customer ${number}`, email: emailId }), stepLimitMs);
  await eventually(() => (offer === 'reviewed' ? seenToWait(subscriptionId, market) : seenSubscribed(subscriptionId, market)), stepLimitMs);
  return { ...purchase, subscriptionId };
}

/** Comes from Microsoft's link and signs in. Who meets a busy machine's 503 follows the link again. */
export async function arrive(landingUrl: string, emailId: string): Promise<{ browser: Browser; arrived: Page }> {
  const browser = new Browser();
  const signIn = await browser.open(landingUrl);
  const arrived = await browser.submit(signIn.action('people'), { person: signIn.value('person', `person-${emailId}`) });
  return { browser, arrived };
}

/** Sends the form, unless it was taken by an earlier try whose answer was lost. */
export async function confirm(browser: Browser, arrived: Page, answers: Record<string, string>): Promise<void> {
  const form = await browser.open(arrived.url);
  if (form.state !== 'form') return;
  const hidden = { purchaseId: form.value('purchaseId'), csrf: form.value('csrf') };
  await browser.submit(form.action('confirm-form'), { ...answers, ...hidden, acceptTerms: 'yes' });
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

/** Looks at the page until it has the form: the purchase has been looked up. */
export async function untilForm(browser: Browser, arrived: Page): Promise<void> {
  await eventually(async () => {
    const { state } = await browser.open(arrived.url);
    if (state !== 'form') throw new Error(`The purchase page says "${state}" and shows no form`);
  }, stepLimitMs);
}
