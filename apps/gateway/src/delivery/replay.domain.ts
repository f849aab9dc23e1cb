import { changed, refused, type Outcome } from '@landfall/messaging';
import { effectsOf } from '../webhook/delivery';
import { readNotification } from '../webhook/webhook.notification';
import type { KeptDelivery, MissingBody } from './delivery.reader';

const whyMissing: Record<MissingBody, string> = {
  'not-kept':
    'Its body is not kept: it was made for another application, so that only the claims of its token were stored, or the data of a person was erased',
  'not-decryptable': 'Its body cannot be decrypted: the keyring no longer has the key of that time. Put that key back, and replay it then',
};

/**
 * A delivery goes the ordinary way once more: what it announces is published anew, and Microsoft is asked again. That is harmless, since only what Microsoft
 * shows counts, and each operation once (rules 1 and 4). Nobody is answered anew.
 */
export function replayDelivery(delivery: KeptDelivery): Outcome<KeptDelivery> {
  const { id, registration, receivedAt, body } = delivery;
  if (typeof body === 'string') return refused(whyMissing[body]);
  const effects = effectsOf({ id, registration, receivedAt, ...readNotification(body) }, { isReplay: true });
  if (effects.length === 0) return refused('It names no subscription, so there is nothing to ask Microsoft about');
  return changed(delivery, ...effects);
}
