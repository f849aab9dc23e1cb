import type { Logger } from '@nestjs/common';
import { DEFAULT_REGISTRATION } from '@landfall/contracts';
import { beginAtZero, counter } from '@landfall/service-defaults';
import type { OtherRegistration } from './registration.errors';

const kinds = ['webhook', 'purchase'] as const;

/** Alarmed at the first: Partner Center has the address of one registration where that of another belongs. */
export const otherRegistrations = counter(
  'marketplace_other_registration_total',
  'Webhooks and purchases that came to a registration to which their subscription does not belong, by both names; none is acted on',
  { registration: [DEFAULT_REGISTRATION], bound_to: [DEFAULT_REGISTRATION], kind: kinds },
);

/** Further registrations are known when the service starts. */
export const beginOtherRegistrationsAtZero = (names: readonly string[]): void =>
  beginAtZero(otherRegistrations, { registration: names, bound_to: names, kind: kinds });

/** Counts it, and tells whoever has to look. */
export function tellOtherRegistration(
  logger: Logger,
  kind: (typeof kinds)[number],
  { subscriptionId, registration, boundTo }: OtherRegistration,
): void {
  otherRegistrations.inc({ registration, bound_to: boundTo, kind });
  logger.error(
    { subscriptionId, registration, boundTo, kind },
    `a ${kind} came to registration ${registration}, while its subscription belongs to registration ${boundTo}: ` +
      'it is not acted on. Compare the landing page and webhook of both offers in Partner Center',
  );
}
