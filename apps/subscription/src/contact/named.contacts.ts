import type { Message } from '@landfall/contracts';
import type { Outcome } from '@landfall/messaging';
import type { SubscriptionChange } from '../subscription/subscription';
import type { EncryptedContact } from './contact';

type Decision<M> = (current: SubscriptionChange | undefined, message: M) => Outcome<SubscriptionChange>;

/** What a message brings of people's addresses is kept with what was decided about it; no decision reads it. */
export const withContacts =
  <M extends Message>(decide: Decision<M>) =>
  (current: SubscriptionChange | undefined, message: M, contacts: readonly EncryptedContact[] | null): Outcome<SubscriptionChange> => {
    const outcome = decide(current, message);
    if (outcome.kind !== 'changed' || !contacts || contacts.length === 0) return outcome;
    return { ...outcome, state: { ...outcome.state, newContacts: [...outcome.state.newContacts, ...contacts] } };
  };
