import { randomUUID } from 'node:crypto';
import { Browser, type Page } from '@landfall/local';
import { eventually } from '../eventually';
import type { Microsoft } from '../microsoft';
import type { Purchase } from './storm.plan';

/** More at once would only wait for each other on two cores. */
const customersAtOnce = 4;

export interface Bought extends Purchase {
  subscriptionId: string;
}

/** Buys all of them as customers do, each a person of their own and an offer of one of the publishers: in the store, over the landing page and its form, until Microsoft shows Subscribed. */
export async function buyAll(purchases: readonly Purchase[], offers: readonly string[], microsoft: Microsoft): Promise<Bought[]> {
  const bought: Bought[] = [];
  const waiting = [...purchases.entries()];
  const customer = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) bought[next[0]] = await buy(next[1], next[0], offers, microsoft);
  };
  await Promise.all(Array.from({ length: customersAtOnce }, customer));
  return bought;
}

async function buy(purchase: Purchase, number: number, offers: readonly string[], microsoft: Microsoft): Promise<Bought> {
  const { planId, quantity, publisher } = purchase;
  const emailId = `customer-${number}@storm.example`;
  const beneficiary = { objectId: randomUUID(), tenantId: randomUUID(), emailId, displayName: `Customer ${number}` };
  const { subscriptionId, landingUrl } = await microsoft.sell({
    planId,
    quantity,
    offerId: offers[publisher],
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
  await eventually(async () => {
    const { saasSubscriptionStatus } = await microsoft.truth(subscriptionId);
    if (saasSubscriptionStatus !== 'Subscribed')
      throw new Error(`${subscriptionId} is ${saasSubscriptionStatus} after its customer confirmed`);
  });
  return { ...purchase, subscriptionId };
}

function untilForm(browser: Browser, arrived: Page): Promise<Page> {
  return eventually(async () => {
    const page = await browser.open(arrived.url);
    if (page.state !== 'form') throw new Error(`The purchase page says "${page.state}" and shows no form`);
    return page;
  });
}
