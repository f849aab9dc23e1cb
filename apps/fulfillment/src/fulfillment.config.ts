import { registrationProblems, registrations } from '@landfall/contracts';
import { kafkaProblems, messagingSettings } from '@landfall/messaging';
import { count, defineConfig, isoDuration, json, list, secret, serviceSettings, url } from '@landfall/service-defaults';
import { z } from 'zod';

const settings = {
  ...serviceSettings,
  ...messagingSettings,
  /** Microsoft's fulfillment API. */
  MARKETPLACE_API_URL: url('https://marketplaceapi.microsoft.com/api'),
  /** Microsoft's metering API, where it is at another address (contract 6.1): without it that of the fulfillment API. */
  METERING_API_URL: url().optional(),
  /** Hosts to which a link from Microsoft may carry our token. */
  MARKETPLACE_LINK_HOSTS: list('marketplaceapi.microsoft.com,*.marketplaceapi.azure.com'),
  /** Audience of our calls. */
  MARKETPLACE_APP_ID: z.guid().default('20e940b3-4c77-4b0b-9a53-9e16a1b010a7'),
  /** Where tokens for our calls are asked for. */
  ENTRA_AUTHORITY_URL: url('https://login.microsoftonline.com'),
  /** The registration `default`; it may be missing where REGISTRATIONS lists some. */
  PUBLISHER_TENANT_ID: z.guid().optional(),
  /** Its application. */
  PUBLISHER_CLIENT_ID: z.guid().optional(),
  /** Exactly one of these three signs it in. */
  PUBLISHER_CLIENT_SECRET: secret().optional(),
  /** When that secret ends, as a date or an instant: it does not tell by itself, and somebody has to be told in time. */
  PUBLISHER_SECRET_EXPIRES: z.union([z.iso.date(), z.iso.datetime({ offset: true })]).optional(),
  /** PEM of the certificate and its private key. */
  PUBLISHER_CERTIFICATE_FILE: z.string().optional(),
  /** A token that the platform renews in this file (workload identity). */
  PUBLISHER_FEDERATED_TOKEN_FILE: z.string().optional(),
  /** The registrations of further publishers. The gateway has the same. */
  REGISTRATIONS: json(registrations, '[]'),
  /** Between looks at an open operation: this for the first 30 s, five times this until 2 min, then thirty times this. */
  OPERATION_POLL_INTERVAL: isoDuration('PT2S'),
  /** So long Microsoft's copies may lag, at most: an operation that is never shown is looked at for the last time then (rules 2 and 5). */
  COPY_LAG: isoDuration('PT2M30S'),
  /** After this an activation that shows no effect has failed, and an operator is needed (rule 10). */
  ACTIVATION_LIMIT: isoDuration('PT24H'),
  /** After this a cancellation that shows no effect, or that Microsoft has not taken, has failed, and an operator is needed (rule 10, contract 3.9). */
  CANCELLATION_LIMIT: isoDuration('PT24H'),
  /** After this a requested change of plan or seats that Microsoft has not taken, since it locks the subscription or is away, has failed (rule 10). */
  CHANGE_LIMIT: isoDuration('PT1H'),
  /** Calls to Microsoft in flight at the same time, for each registration. The enrich stage makes two for each of 64 webhooks at once. */
  MARKETPLACE_CONCURRENCY: count({ min: 1, max: 1_000 }, 128),
  /** Between the end of a sweep over the list of a registration and the beginning of the next. */
  RECONCILE_INTERVAL: isoDuration('PT15M'),
  /** `ask`: what the first sweep finds and nobody knows here is imported when an operator has allowed it. `import`: at once. */
  FIRST_IMPORT: z.enum(['ask', 'import']).default('ask'),
  /** How long sweeps are kept after their end. The newest of a registration, and one that asks an operator, are kept in any case. */
  RECONCILIATION_RETENTION: isoDuration('P90D'),
  /** How long the ledger of calls is kept. */
  CALL_LEDGER_RETENTION: isoDuration('P30D'),
};

/** The settings of the only service that calls Microsoft (contract 0.2, 2.1, 3.1.4). */
export const config = defineConfig('fulfillment', settings, (values) => [...registrationProblems(values), ...kafkaProblems(values)]);

export type FulfillmentConfig = typeof config.values;
