import {
  activate,
  provisioningRequested,
  purchaseRegistered,
  subscriptionActivated,
  subscriptionConfirmed,
  subscriptionProvisioned,
  type DataOf,
  type MessageOf,
  type purchaseConfirmed,
  type purchaseResolved,
  type tenantProvisioned,
} from '@landfall/contracts';
import { changed, ignored, notYet, type Outcome } from '@landfall/messaging';
import { finish } from '../operation/operation.domain';
import { isPending, observe, register } from '../subscription/comparison.domain';
import { type EncryptedContact, type Subscription } from '../subscription/subscription';
import { note, step, tell, unfold, type Occasion } from '../subscription/unfolding.domain';

/** A customer came with a subscription, for the first time or again: registers it once, answers each time. */
export function decidePurchase(current: Subscription | undefined, message: MessageOf<typeof purchaseResolved>): Outcome<Subscription> {
  const { snapshot, readAt } = message.data;
  const occasion = landing(readAt);
  const seen = current ? observe(unfold(current), snapshot, readAt, occasion) : register(snapshot, readAt, false, occasion);
  return finish(tell(seen, registered(seen.state, message.data)));
}

/** The customer confirmed. It counts once, and only while something is to be confirmed: a second click or tab changes nothing. */
export function decideConfirmation(
  current: Subscription | undefined,
  message: MessageOf<typeof purchaseConfirmed>,
  contact: EncryptedContact | null,
): Outcome<Subscription> {
  if (!current) return notYet('the purchase is not registered yet');
  if (current.status === 'Unsubscribed') return ignored('the subscription has ended (rule 3)');
  if (current.stage !== 'awaiting-customer') return ignored('the purchase was confirmed before');
  const occasion = landing(message.data.confirmedAt, message.data.person.objectId);
  const confirmed = step(unfold(current), { stage: 'provisioning', contact }, subscriptionConfirmed, occasion);
  return finish(tell(confirmed, requestTenant(confirmed.state)));
}

/** The tenant works: only now may Microsoft begin to bill. One that Microsoft activated by itself is complete with it. */
export function decideTenant(current: Subscription | undefined, message: MessageOf<typeof tenantProvisioned>): Outcome<Subscription> {
  if (!current) return notYet('the subscription is not registered yet');
  if (current.status === 'Unsubscribed') return ignored('the subscription has ended; provisioning takes the tenant back (rule 3)');
  if (current.stage !== 'provisioning') return ignored('the tenant was there before');
  const { tenantReference } = message.data;
  const isFree = isPending(current.status); // nothing is billed yet
  const occasion = landing(message.time);
  const stage = isFree ? 'activating' : 'done';
  const patch = { stage, tenantReference, stuckBecause: null } as const;
  const provisioned = step(unfold(current), patch, subscriptionProvisioned, occasion, () => ({ tenantReference }));
  if (isFree) return finish(tell(provisioned, requestActivation(provisioned.state)));
  return finish(current.status === 'Subscribed' ? step(provisioned, {}, subscriptionActivated, occasion) : provisioned);
}

/** A set-up that will not go on by itself is kept as it stands, with the reason, for an operator (rule 10). */
export function decideStuck(current: Subscription | undefined, reason: string): Outcome<Subscription> {
  if (!current) return notYet('the subscription is not registered yet');
  if (current.status === 'Unsubscribed' || current.stage === 'done') return ignored('the set-up has ended meanwhile');
  return changed(note(unfold(current), { stuckBecause: reason }).state);
}

const landing = (observedAt: string, actor?: string): Occasion => ({
  cause: actor ? { source: 'landing', actor } : { source: 'landing' },
  effectiveAt: null,
  observedAt,
});

function registered(state: Subscription, { purchaseId, plans }: DataOf<typeof purchaseResolved>) {
  const { id, offerId, planId, quantity, term, status, stage, access, beneficiary, purchaser, version } = state;
  const termUnit = term?.termUnit ?? null;
  return purchaseRegistered({
    ...{
      purchaseId,
      subscriptionId: id,
      offerId,
      planId,
      quantity,
      termUnit,
      status,
      stage,
      access,
      beneficiary,
      purchaser,
      plans,
      version,
    },
  });
}

function requestTenant(state: Subscription) {
  const { id, version, publisherId, offerId, isPreview, planId, quantity, status, beneficiary, purchaser } = state;
  return provisioningRequested({
    ...{ subscriptionId: id, version, publisherId, offerId, isPreview, planId, quantity, status, beneficiary, purchaser },
  });
}

const requestActivation = ({ id, planId, quantity, version }: Subscription) => activate({ subscriptionId: id, planId, quantity, version });
