import { z } from 'zod';

/** The registration of the `PUBLISHER_*` settings. Its landing page and webhook are also reached without a name in the address. */
export const DEFAULT_REGISTRATION = 'default';

/** What an installation calls a registration: part of the addresses in Partner Center, so it never changes. */
export const registrationName = z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'it must be 1 to 40 of a-z, 0-9 and -, and begin with no -');

/** More publishers than one installation is made for. */
const REGISTRATIONS_LIMIT = 100;

const entraId = z.guid('it must be a GUID').toLowerCase();
const text = z.string().min(1, 'it must not be empty');
const credentials = ['clientSecretFile', 'certificateFile', 'federatedTokenFile'] as const;

/**
 * What Partner Center holds for one publisher account (contract 2.1): the application that calls Microsoft, and the one that webhook tokens are
 * made for. It holds no secret, only the names of files; exactly one of the three signs us in.
 */
export const registration = z
  .strictObject({
    name: registrationName,
    /** Entra tenant of the publisher, as in Partner Center's technical configuration. */
    tenantId: entraId,
    /** Application in that tenant, as in Partner Center's technical configuration. */
    clientId: entraId,
    /** The audience of this publisher's webhook tokens; `clientId` where it is not given (contract 2.3). */
    webhookAudience: text.optional(),
    clientSecretFile: text.optional(),
    /** When that secret ends: it does not tell by itself. A day means its beginning, UTC. */
    secretExpires: z.union([z.iso.date(), z.iso.datetime({ offset: true })], 'it must be a date or an instant, ISO 8601').optional(),
    /** PEM of the certificate and its private key. */
    certificateFile: text.optional(),
    /** A token that the platform renews in this file (workload identity). */
    federatedTokenFile: text.optional(),
  })
  .refine((given) => credentials.filter((member) => given[member] !== undefined).length === 1, {
    message: `exactly one of ${credentials.join(', ')} must be given`,
    when: ({ value }) => typeof value === 'object' && value !== null,
  })
  .refine(({ clientSecretFile, secretExpires }) => secretExpires === undefined || clientSecretFile !== undefined, {
    message: 'secretExpires is for clientSecretFile, which is not given',
  });
export type RegistrationSetting = z.output<typeof registration>;

/** The setting `REGISTRATIONS`. What its members say together is looked at by `registrationProblems`. */
export const registrations = z.array(registration).max(REGISTRATIONS_LIMIT, `there must be at most ${REGISTRATIONS_LIMIT}`);

/** The settings by which gateway and fulfillment learn of their registrations. */
export interface RegistrationSettings {
  readonly PUBLISHER_TENANT_ID?: string | undefined;
  readonly PUBLISHER_CLIENT_ID?: string | undefined;
  readonly WEBHOOK_AUDIENCE?: string | undefined;
  readonly REGISTRATIONS: readonly RegistrationSetting[];
}

/**
 * What is wrong with the registrations of an installation taken together, in sentences that name setting, index and member and repeat no value.
 * Two with one name could not be told apart by their address, nor two with one tenant and audience by a webhook's token.
 */
export function registrationProblems(settings: RegistrationSettings): string[] {
  const { PUBLISHER_TENANT_ID: tenantId, PUBLISHER_CLIENT_ID: clientId, WEBHOOK_AUDIENCE: webhookAudience } = settings;
  const { REGISTRATIONS: listed } = settings;
  if (!tenantId !== !clientId) {
    return [
      `PUBLISHER_${tenantId ? 'CLIENT' : 'TENANT'}_ID is not set, while PUBLISHER_${tenantId ? 'TENANT' : 'CLIENT'}_ID is: set both or none`,
    ];
  }
  if (!tenantId && listed.length === 0) {
    return ['No registration is known: set PUBLISHER_TENANT_ID and PUBLISHER_CLIENT_ID, or list some in REGISTRATIONS'];
  }
  const single = tenantId && clientId ? [{ place: 'PUBLISHER_*', name: DEFAULT_REGISTRATION, tenantId, clientId, webhookAudience }] : [];
  const all = [...single, ...listed.map((entry, index) => ({ place: `REGISTRATIONS[${index}]`, ...entry }))];
  return [
    ...repeated(all, 'name', ({ name }) => name),
    ...repeated(all, 'tenantId and clientId', ({ tenantId, clientId }) => tenantId + clientId),
    ...repeated(all, 'tenantId and webhookAudience', ({ tenantId, clientId, webhookAudience }) => tenantId + (webhookAudience ?? clientId)),
  ];
}

function repeated<T extends { place: string }>(all: readonly T[], members: string, valueOf: (entry: T) => string): string[] {
  const firstPlaces = new Map<string, string>();
  return all.flatMap((entry) => {
    const value = valueOf(entry).toLowerCase();
    const first = firstPlaces.get(value);
    if (first === undefined) firstPlaces.set(value, entry.place);
    return first === undefined ? [] : [`${entry.place} has the ${members} of ${first}`];
  });
}
