import type { Logger } from '@nestjs/common';
import { Counter } from 'prom-client';
import type { OtherRegistration } from './registration.errors';

/** Alarmed at the first: Partner Center has the address of one registration where that of another belongs. */
export const otherRegistrations = new Counter({
  name: 'marketplace_other_registration_total',
  help: 'Webhooks and purchases that came to a registration to which their subscription does not belong, by both names; none is acted on',
  labelNames: ['registration', 'bound_to', 'kind'],
});

/** Counts it, and tells whoever has to look. */
export function tellOtherRegistration(
  logger: Logger,
  kind: 'webhook' | 'purchase',
  { subscriptionId, registration, boundTo }: OtherRegistration,
): void {
  otherRegistrations.inc({ registration, bound_to: boundTo, kind });
  logger.error(
    { subscriptionId, registration, boundTo, kind },
    `a ${kind} came to registration ${registration}, while its subscription belongs to registration ${boundTo}: ` +
      'it is not acted on. Compare the landing page and webhook of both offers in Partner Center',
  );
}
