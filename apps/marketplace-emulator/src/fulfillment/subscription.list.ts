import { randomInt } from 'node:crypto';
import type { Application } from '../applications/application';
import type { Addresses } from '../identity/addresses';
import type { Marketplace } from '../marketplace';
import { subscriptionInRest } from '../subscription/subscription.wire';

/** Pages of random size with a link on another host (contract 3.5). */
export class SubscriptionList {
  constructor(
    private readonly marketplace: Marketplace,
    private readonly addresses: Addresses,
  ) {}

  /** One page of what the caller may see; undefined when the continuation token is not one of ours. */
  page(caller: Application, continuationToken: string | null): object | undefined {
    const from = continuationToken ? positionIn(continuationToken) : 0;
    if (from === undefined) return undefined;
    const { listPageSizeMin, listPageSizeMax } = this.marketplace.settings.current;
    const size = randomInt(Math.min(listPageSizeMin, listPageSizeMax), Math.max(listPageSizeMin, listPageSizeMax) + 1);
    const { subscriptions, next } = this.marketplace.subscriptions.page(from, size, (subscription) =>
      this.marketplace.applications.mayUse(caller, subscription),
    );
    if (subscriptions.length === 0 && next === null) return {}; // documented as an empty body for a publisher without subscriptions
    return {
      subscriptions: subscriptions.map((subscription) => subscriptionInRest(subscription, this.marketplace)),
      ...(next === null ? {} : { '@nextLink': this.linkTo(next) }),
    };
  }

  private linkTo(position: number): string {
    return `${this.addresses.linkedApiUrl}/saas/subscriptions/?continuationToken=${encoded(tokenOf(position))}&api-version=2018-08-31`;
  }
}

/** Looks like the live one: a JSON list of partition ranges, to be used as it is. */
function tokenOf(position: number): string {
  return JSON.stringify([{ token: Buffer.from(`after:${position}`).toString('base64'), range: { min: '', max: 'FF' } }]);
}

function positionIn(continuationToken: string): number | undefined {
  const token = /^\[\{"token":"([A-Za-z0-9+/=]{1,100})","range":\{"min":"","max":"FF"\}\}\]$/.exec(continuationToken)?.[1];
  const position = /^after:(\d{1,12})$/.exec(Buffer.from(token ?? '', 'base64').toString('utf8'))?.[1];
  return position === undefined ? undefined : Number(position);
}

/** Percent-encoded in lower case, as seen live: a client that re-encodes the link changes it. */
function encoded(text: string): string {
  return encodeURIComponent(text).replace(/%[0-9A-F]{2}/g, (escape) => escape.toLowerCase());
}
