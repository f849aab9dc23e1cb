import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { controlClient } from './client/control.client';
import { CompositionRoot } from './composition.root';
import type { EmulatorDetails, EmulatorOptions, RunningEmulator } from './emulator.options';
import { Addresses } from './identity/addresses';
import { SigningKeys, type StoredKey } from './identity/token/signing.keys';
import { createServer } from './server';
import { settingsSchema, type Settings } from './settings/settings';
import { DocumentStore } from './state/document.store';
import { noJournal } from './state/journal';
import { SqliteJournal } from './state/sqlite.journal';

/**
 * Starts Microsoft's side on this machine and resolves when it answers.
 * @throws when the port is taken, when a setting is wrong, or when the data directory is in use by another emulator.
 */
export async function startEmulator(options: EmulatorOptions = {}): Promise<RunningEmulator> {
  const settings = settingsAtStart(options);
  const store = new DocumentStore(options.dataDir ? new SqliteJournal(options.dataDir) : noJournal);
  const server = createServer(reportError);
  try {
    const addresses = new Addresses(() => (server.server.address() as AddressInfo).port, options);
    const keys = await SigningKeys.open(store.collection<StoredKey>('key', { isLasting: true }));
    const root = new CompositionRoot(store, addresses, keys, options, settings, reportError);
    await root.register(server);
    await server.listen({ port: options.port ?? 0, host: options.host ?? '127.0.0.1' });
    root.start();
    const details = detailsOf(root);
    let stopping: Promise<void> | undefined;
    return {
      ...details,
      control: controlClient(details.controlUrl),
      stop: () => (stopping ??= stop(server, root, store)),
    };
  } catch (error) {
    await server.close();
    store.close();
    throw error;
  }
}

async function stop(server: FastifyInstance, root: CompositionRoot, store: DocumentStore): Promise<void> {
  await server.close();
  await root.stop();
  store.close();
}

function settingsAtStart({ landingUrl, webhookUrl, settings }: EmulatorOptions): Partial<Settings> {
  const wanted = { ...settings, ...(landingUrl === undefined ? {} : { landingUrl }), ...(webhookUrl === undefined ? {} : { webhookUrl }) };
  const result = settingsSchema.partial().safeParse(wanted);
  if (result.success) return result.data;
  throw new Error(`Wrong settings: ${result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ')}`);
}

function detailsOf({ addresses, installation, catalogue }: CompositionRoot): EmulatorDetails {
  const { tenantId, clientId, clientSecret, signinClientId, signinClientSecret } = installation;
  const { operatorsAudience, operatorsClientId, operatorsClientSecret } = installation;
  return {
    apiUrl: addresses.apiUrl,
    authorityUrl: addresses.authorityUrl,
    controlUrl: addresses.controlUrl,
    storeUrl: addresses.storeUrl,
    linkHosts: [new URL(addresses.apiUrl).host, new URL(addresses.linkUrl).host],
    tenantId,
    clientId,
    clientSecret,
    signinClientId,
    signinClientSecret,
    operatorsAuthorityUrl: addresses.issuerV2(tenantId),
    operatorsAudience,
    operatorsClientId,
    operatorsClientSecret,
    perSeatOfferId: catalogue.perSeatOffer?.offerId ?? null,
    meteredOfferId: catalogue.meteredOffer?.offerId ?? null,
  };
}

/** An error of the emulator itself. It is written with its place in the code; requests and tokens are not. */
function reportError(error: unknown): void {
  process.stderr.write(`emulator: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
}
