import { CatalogInForce } from '@landfall/catalog';
import { offerHasMeter, type OfferKey } from '@landfall/contracts';
import { run, type Transaction } from '@landfall/messaging';
import { Injectable } from '@nestjs/common';
import type { UsageRecord, WaitsFor } from './usage';

/** Subscriptions whose offers are remembered; it never changes. */
const REMEMBERED = 100_000;

export type Offers = ReadonlyMap<string, OfferKey>;

/** What has to be known of a record before it counts: of which offer its subscription is, and that the catalog has its meter. */
@Injectable()
export class KnownOffers {
  private readonly remembered = new Map<string, OfferKey>();
  /** Of these there are few, and each is in memory once. */
  private readonly distinct = new Map<string, OfferKey>();

  constructor(private readonly catalog: CatalogInForce) {}

  /** The offers of those subscriptions that are known. */
  async of(tx: Transaction, subscriptionIds: Iterable<string>): Promise<Offers> {
    const offers = new Map<string, OfferKey>();
    const missing: string[] = [];
    for (const id of new Set(subscriptionIds)) {
      const offer = this.remembered.get(id);
      if (offer) offers.set(id, offer);
      else missing.push(id);
    }
    if (missing.length > 0) await this.read(tx, missing, offers);
    return offers;
  }

  /** What the record waits for; undefined where it counts. Any plan of the offer may have the meter: which one the subscription had when it was used is not asked here. */
  missing({ subscriptionId, meter }: Pick<UsageRecord, 'subscriptionId' | 'meter'>, offers: Offers): WaitsFor | undefined {
    const offer = offers.get(subscriptionId);
    if (!offer) return 'subscription';
    return offerHasMeter(this.catalog.current, offer, meter) ? undefined : 'meter';
  }

  private async read(tx: Transaction, ids: readonly string[], into: Map<string, OfferKey>): Promise<void> {
    const rows = await run<OfferKey & { id: string }>(
      tx,
      `select id, publisher_id as "publisherId", offer_id as "offerId", is_preview as "isPreview" from billing.subscriptions where id = any($1::uuid[]) and version > 0`,
      [ids],
    );
    if (this.remembered.size + rows.length > REMEMBERED) this.remembered.clear();
    for (const { id, ...read } of rows) {
      const offer = this.once(read);
      this.remembered.set(id, offer);
      into.set(id, offer);
    }
  }

  private once(offer: OfferKey): OfferKey {
    const key = JSON.stringify([offer.publisherId, offer.offerId, offer.isPreview]);
    const known = this.distinct.get(key) ?? offer;
    this.distinct.set(key, known);
    return known;
  }
}
