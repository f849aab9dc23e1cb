import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Run } from '@landfall/local';
import type { Microsoft } from '../microsoft';
import { plans, type OfferKind } from './sold';

/** Sells beside the publisher of the `PUBLISHER_*` settings, in the same system. */
export const secondPublisher = 'tailspin';
const firstPublisher = 'contoso';

/** The publisher, the offer and its display name. */
const sold: Record<Exclude<OfferKind, 'unnamed'>, { publisherId: string; offerId: string }> = {
  ruled: { publisherId: secondPublisher, offerId: `${secondPublisher}-team` }, // the local runner has made it
  asked: { publisherId: firstPublisher, offerId: `${firstPublisher}-asked` },
  strict: { publisherId: secondPublisher, offerId: `${secondPublisher}-strict` },
  reviewed: { publisherId: secondPublisher, offerId: `${secondPublisher}-reviewed` },
};

const anyPlan = Object.fromEntries(plans.map((planId) => [planId, {}]));

/**
 * The catalog of a storm, in a file that the local runner finds and leaves as it is. Of the offer that is ruled no change leads from the highest plan but to the lowest, and half of the
 * seats that customers ask for are too many.
 * @param productUrl where the product is asked
 */
export function writeCatalog(dir: string, kinds: ReadonlySet<OfferKind>, productUrl: string): void {
  const [lowest, middle, highest] = plans;
  const rules = {
    ruled: { plans: { [lowest]: {}, [middle]: { seats: { max: 50 } }, [highest]: { mayMoveTo: [lowest] } } },
    asked: { plans: anyPlan, veto: { url: productUrl, whenSilent: 'accept' } },
    strict: { plans: anyPlan, veto: { url: productUrl, whenSilent: 'refuse' } },
    reviewed: { plans: Object.fromEntries(plans.map((planId) => [planId, { activation: 'on-approval' }])) },
  };
  const named = Object.entries(sold).filter(([kind]) => kinds.has(kind as OfferKind)) as [keyof typeof sold, (typeof sold)['ruled']][];
  const byPublisher = Object.groupBy(named, ([, { publisherId }]) => publisherId);
  const publishers = Object.entries(byPublisher).map(([publisherId, offers = []]) => [
    publisherId,
    { offers: Object.fromEntries(offers.map(([kind, { offerId }]) => [offerId, { displayName: kind, ...rules[kind] }])) },
  ]);
  writeFileSync(join(dir, 'catalog.yaml'), JSON.stringify({ publishers: Object.fromEntries(publishers) })); // JSON is YAML
}

/** Makes at Microsoft what the local runner has not made, and tells the offer of each kind. */
export async function sell(
  kinds: ReadonlySet<OfferKind>,
  { emulator, publishers }: Run,
  microsoft: Microsoft,
): Promise<Record<OfferKind, string>> {
  const second = publishers.find(({ name }) => name === secondPublisher)!;
  const ofSecond = {
    applicationId: second.clientId,
    technicalConfiguration: { landingUrl: second.landingUrl, webhookUrl: second.webhookUrl },
  };
  for (const kind of ['asked', 'strict', 'reviewed'] as const) {
    if (!kinds.has(kind)) continue;
    const { publisherId, offerId } = sold[kind];
    const offer = { publisherId, displayName: kind, plans: plans.map((planId) => ({ planId, seats: { min: 1, max: 1_000 } })) };
    await microsoft.offer(offerId, { ...offer, ...(publisherId === secondPublisher && ofSecond) });
  }
  const ids = Object.fromEntries(Object.entries(sold).map(([kind, { offerId }]) => [kind, offerId]));
  return { ...(ids as Record<keyof typeof sold, string>), unnamed: emulator!.perSeatOfferId };
}
