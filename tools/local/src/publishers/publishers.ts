import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SetupError } from '../setup.error';
import type { EmulatorDetails } from '../system/emulator';
import { privateMode } from '../secrets/secrets';

/** A publisher beside the one of the `PUBLISHER_*` settings: what Microsoft and the services know of it. */
export interface Publisher {
  /** Of its registration: part of the two addresses. */
  readonly name: string;
  readonly tenantId: string;
  readonly clientId: string;
  /** What it sells. */
  readonly offerId: string;
  readonly landingUrl: string;
  readonly webhookUrl: string;
}

const NAME = /^[a-z0-9][a-z0-9-]{0,39}$/;
/** More would make the store long and nothing clearer. */
const MOST = 9;
const CALL_LIMIT_MS = 10_000;

/**
 * The names in PUBLISHERS (`tailspin,wingtip`).
 * @throws SetupError where one can't be a registration's, or where there is no emulator to make them in
 */
export function publisherNames({ PUBLISHERS, REGISTRATIONS, REGISTRATIONS_FILE, MARKETPLACE_API_URL }: Record<string, string | undefined>) {
  const names = (PUBLISHERS ?? '').split(',').flatMap((name) => name.trim() || []);
  if (names.length === 0) return [];
  if (MARKETPLACE_API_URL)
    throw new SetupError(
      'PUBLISHERS makes publishers in the emulator, and MARKETPLACE_API_URL names another marketplace: list them in REGISTRATIONS.',
    );
  if (REGISTRATIONS || REGISTRATIONS_FILE) throw new SetupError('PUBLISHERS makes REGISTRATIONS by itself: set one of them.');
  const wrong = names.find((name, index) => !NAME.test(name) || name === 'default' || names.indexOf(name) !== index);
  if (wrong !== undefined)
    throw new SetupError(`PUBLISHERS can't be read at "${wrong}": it is names of a-z, 0-9 and -, each once, and none of them "default".`);
  if (names.length > MOST) throw new SetupError(`PUBLISHERS has ${names.length} names: ${MOST} at most.`);
  return names;
}

/** A publisher by its name alone: it has the same ids at every start. */
export function publisherOf(name: string, addresses: { readonly landingUrl: string; readonly webhookUrl: string }): Publisher {
  return {
    name,
    tenantId: guidOf(`tenant ${name}`),
    clientId: guidOf(`application ${name}`),
    offerId: `${name}-team`,
    landingUrl: `${addresses.landingUrl}/${name}`,
    webhookUrl: `${addresses.webhookUrl}/${name}`,
  };
}

/** What the setting REGISTRATIONS says of them. Each secret lies in a file of its own in the folder. */
export function registrationsSetting(publishers: readonly Publisher[], folder: string): object[] {
  return publishers.map(({ name, tenantId, clientId }) => ({ name, tenantId, clientId, clientSecretFile: secretFileOf(name, folder) }));
}

/**
 * Makes them known to the emulator: the application of each, and an offer like the one that is priced per seat, with its own landing page and webhook.
 * What was made at an earlier start is kept.
 */
export async function makePublishers(
  publishers: readonly Publisher[],
  { controlUrl, perSeatOfferId }: Pick<EmulatorDetails, 'controlUrl' | 'perSeatOfferId'>,
  { folder, secretOf }: { readonly folder: string; secretOf(name: string): string },
): Promise<void> {
  if (publishers.length === 0) return;
  mkdirSync(folder, { recursive: true });
  const model = (await call(controlUrl, 'GET', `/offers/${perSeatOfferId}`)) as { displayName: string };
  for (const { name, tenantId, clientId, offerId, landingUrl, webhookUrl } of publishers) {
    const secret = secretOf(name);
    writeFileSync(secretFileOf(name, folder), secret, { mode: privateMode });
    await call(controlUrl, 'POST', '/applications', { clientId, tenantId, secret, publishedToPreview: true }, [409]);
    const displayName = `${model.displayName} of ${name}`;
    const own = { offerId, publisherId: name, applicationId: clientId, displayName, technicalConfiguration: { landingUrl, webhookUrl } };
    await call(controlUrl, 'PUT', `/offers/${offerId}`, { ...model, ...own });
  }
}

const secretFileOf = (name: string, folder: string): string => join(folder, `${name}.secret`);

/** A GUID that is always the same for the same text. */
function guidOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

async function call(controlUrl: string, method: string, path: string, body?: object, alsoGood: readonly number[] = []): Promise<unknown> {
  const answer = await fetch(`${controlUrl}${path}`, {
    method,
    ...(body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    signal: AbortSignal.timeout(CALL_LIMIT_MS),
  });
  const text = await answer.text();
  if (!answer.ok && !alsoGood.includes(answer.status))
    throw new SetupError(`A publisher could not be made: the emulator answered ${method} ${path} with ${answer.status}: ${text}`);
  return JSON.parse(text);
}
