import { z } from 'zod';
import type { ValuesOf } from './field.kinds';

/** Which webhooks Microsoft sends when a deadline passes, where that is not documented (contract 5.2, 12). */
export const lifeCycleSettings = {
  /** Whether Unsubscribe is sent when a purchase was not activated within thirty days. */
  activationDeadlineWebhook: z.enum(['sent', 'none']),
  /** Whether Renew is sent when a trial becomes paid (contract 1.5). */
  renewAtTrialEnd: z.enum(['none', 'sent']),
  /**
   * What becomes of a change of plan or seats that is open when the subscription is suspended: not documented. `ends`: it has Failed,
   * superseded. `stays`: it stays open and ends later as any other, while the subscription is Suspended or after its Reinstate.
   */
  openChangeAtSuspend: z.enum(['ends', 'stays']),
};

export const lifeCycleDefaults: ValuesOf<typeof lifeCycleSettings> = {
  activationDeadlineWebhook: 'sent',
  renewAtTrialEnd: 'none',
  openChangeAtSuspend: 'ends',
};
