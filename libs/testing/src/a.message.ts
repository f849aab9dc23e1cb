import { randomUUID } from 'node:crypto';
import type { Draft, Message } from '@landfall/contracts';

/** One draft stays one message: a spec that delivers the same draft twice means a message that Kafka delivers twice. */
const known = new WeakMap<Draft, Message>();

/** A draft with an envelope, as it travels. The same draft gives the same message; with changes to the envelope, a new one. */
export function aMessage<Type extends string, Data>(
  draft: Draft<Type, Data>,
  envelope?: Partial<Message<Type, Data>>,
): Message<Type, Data> {
  const existing = known.get(draft);
  if (existing && !envelope) return existing as Message<Type, Data>;
  const id = randomUUID();
  const message = { id, source: 'landfall/spec', time: new Date().toISOString(), epoch: 1, correlationId: id, ...draft, ...envelope };
  if (!envelope) known.set(draft, message);
  return message;
}

/** Whether a draft already travels: it has an identity. */
export const isMessage = (draft: Draft | Message): draft is Message => 'id' in draft && 'correlationId' in draft;
