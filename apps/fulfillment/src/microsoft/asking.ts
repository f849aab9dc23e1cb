import { MarketplaceForbidden, type CallContext } from '@landfall/marketplace-client';
import type { Access } from '../registration/registration.access';
import { asOutage, MicrosoftWordUnknown } from './microsoft.errors';
import { callsForbidden, unknownWords } from './microsoft.metrics';

/** What a call belongs to: a message or a job. */
export interface Work {
  readonly correlationId: string;
}
export interface JobAtWork extends Work {
  readonly id: string;
}

/** One attempt per call: whoever asks has a way of its own to ask again, and waits without holding anything. */
const ONE_ATTEMPT = { attempts: 1 };
export const contextOf = ({ correlationId }: Work): CallContext => ({ correlationId, ...ONE_ATTEMPT });

/** What Microsoft answers through that access, its errors as ours. */
export async function withOurErrors<T>({ registration }: Pick<Access, 'registration'>, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    throw translated(error, registration);
  }
}

/** Counts what somebody must look at, and turns an outage into `MicrosoftAway`. */
export function translated(error: unknown, registration: string): unknown {
  if (error instanceof MicrosoftWordUnknown) unknownWords.inc({ place: error.place });
  if (error instanceof MarketplaceForbidden) callsForbidden.inc({ registration });
  return asOutage(error);
}
