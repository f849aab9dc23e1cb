import type { MessageOf, purchaseUnresolved } from '@landfall/contracts';
import { changed, ignored, type Outcome } from '@landfall/messaging';
import { stateOf, type Purchase } from './purchase';

/** The token led nowhere, and the page says why. */
export function markUnresolved(purchase: Purchase | undefined, { data }: MessageOf<typeof purchaseUnresolved>): Outcome<Purchase> {
  if (!purchase) return ignored('it is kept no longer'); // a purchase is written together with the message that asks for it
  if (stateOf(purchase) === 'registered') return ignored('it is registered');
  return changed({ ...purchase, unresolvedReason: data.reason });
}
