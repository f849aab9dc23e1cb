import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { EmulatorOptions } from './emulator.options';
import { faultProfile } from './faults/profile/fault.profile';
import { isGuid } from './guid';
import { readOffersFile } from './offers/offers.file';
import type { Settings } from './settings/settings';

const defaultPort = 8090;

const identities = [
  'tenant-id',
  'client-id',
  'client-secret',
  'signin-client-id',
  'signin-client-secret',
  'operators-client-id',
  'operators-client-secret',
] as const;

export const usage = `Microsoft's side of the commercial marketplace, on this machine.

  --port <n>            port to listen on, 0 for any free one (${defaultPort})
  --host <address>      address to listen on (127.0.0.1)
  --data-dir <folder>   keep the state there; without it everything is forgotten at the end
  --landing-url <url>   your landing page: buyers are sent there with a token
  --webhook-url <url>   your connection webhook
  --offers <file>       what you sell, as JSON: a list of offers in the place of the built-in ones
  --redirect-uri <uri>  redirect URI of your sign-in, may be repeated (default: any on the landing page's origin)
  --client-secret <s>   secret of your app registration (made at the first start)
  --signin-client-id <id>, --signin-client-secret <s>        registration of your customers' sign-in
  --operators-client-id <id>, --operators-client-secret <s>  registration of your operators
  --tenant-id <id>, --client-id <id>                         your tenant and your app registration
  --client-certificate <file>  its certificate in PEM, for client assertions; may be used beside the secret
  --unpublished         nothing is published to preview yet: the API refuses every call
  --public-url <url>    how others reach this server, where that is not http://127.0.0.1:<port>
  --second-url <url>    its second name, in links and v1 issuers (http://localhost:<port>)
  --fault-profile <p>   how unkind Microsoft's side is: none or unkind; with --fault-seed <n> and --fault-time-factor <x>
  --settings <json>     further settings to start with, such as '{"openChangeAtSuspend": "stays"}'
  --api-url <url>, --link-url <url>  the API, and the API in links, where they have names of their own; end in /api
  --authority-url <url> the authority, where it has a name of its own
  --issuer-v1-url <url> issuer of v1 tokens up to the tenant, such as https://sts.windows.net (<second-url>/sts)
  --json                print one line of JSON when ready
  --help                print this
`;

export interface Arguments {
  options: EmulatorOptions;
  json: boolean;
  help: boolean;
}

/** @throws with a sentence that names the argument */
export function readArguments(argv: string[]): Arguments {
  const { values } = parseArgs({
    args: argv,
    options: {
      port: { type: 'string', default: String(defaultPort) },
      host: { type: 'string' },
      'data-dir': { type: 'string' },
      'landing-url': { type: 'string' },
      'webhook-url': { type: 'string' },
      offers: { type: 'string' },
      'redirect-uri': { type: 'string', multiple: true },
      'client-secret': { type: 'string' },
      'tenant-id': { type: 'string' },
      'client-id': { type: 'string' },
      'signin-client-id': { type: 'string' },
      'signin-client-secret': { type: 'string' },
      'operators-client-id': { type: 'string' },
      'operators-client-secret': { type: 'string' },
      'client-certificate': { type: 'string' },
      unpublished: { type: 'boolean' },
      'public-url': { type: 'string' },
      'second-url': { type: 'string' },
      'api-url': { type: 'string' },
      'link-url': { type: 'string' },
      'authority-url': { type: 'string' },
      'issuer-v1-url': { type: 'string' },
      settings: { type: 'string' },
      'fault-profile': { type: 'string' },
      'fault-seed': { type: 'string' },
      'fault-time-factor': { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new Error(`--port must be a number from 0 to 65535, not '${values.port}'`);
  for (const name of identities) if (values[name] === '') throw new Error(`--${name} must not be empty`);
  if (values['tenant-id'] && !isGuid(values['tenant-id'])) throw new Error(`--tenant-id must be a GUID, not '${values['tenant-id']}'`);
  const options: EmulatorOptions = {
    port,
    host: values.host,
    dataDir: values['data-dir'],
    landingUrl: values['landing-url'],
    webhookUrl: values['webhook-url'],
    offers: values.offers === undefined ? undefined : readOffersFile(values.offers),
    tenantId: values['tenant-id'],
    clientId: values['client-id'],
    clientSecret: values['client-secret'],
    signinClientId: values['signin-client-id'],
    signinClientSecret: values['signin-client-secret'],
    operatorsClientId: values['operators-client-id'],
    operatorsClientSecret: values['operators-client-secret'],
    clientCertificate: fileAt('--client-certificate', values['client-certificate']),
    publishedToPreview: values.unpublished ? false : undefined,
    publicUrl: webAddress('--public-url', values['public-url']),
    secondUrl: webAddress('--second-url', values['second-url']),
    apiUrl: apiAddress('--api-url', values['api-url']),
    linkUrl: apiAddress('--link-url', values['link-url']),
    authorityUrl: webAddress('--authority-url', values['authority-url']),
    issuerV1Url: webAddress('--issuer-v1-url', values['issuer-v1-url']),
    settings: {
      ...settingsIn(values.settings),
      ...(values['redirect-uri'] ? { signinRedirectUris: values['redirect-uri'] } : {}),
      ...faultProfileIn(values['fault-profile'], values['fault-seed'], values['fault-time-factor']),
    },
  };
  return { options, json: values.json, help: values.help };
}

/** What is in it is checked with the settings of the start. */
function settingsIn(text: string | undefined): Partial<Settings> {
  try {
    const settings: unknown = JSON.parse(text ?? '{}');
    if (typeof settings === 'object' && settings !== null && !Array.isArray(settings)) return settings as Partial<Settings>;
  } catch {
    // not JSON
  }
  throw new Error(`--settings must be a JSON object, not '${text}'`);
}

/** A seed or a factor alone is an error: it would do nothing. */
function faultProfileIn(preset: string | undefined, seed: string | undefined, timeFactor: string | undefined): Partial<Settings> {
  if (preset === undefined && (seed !== undefined || timeFactor !== undefined))
    throw new Error('--fault-seed and --fault-time-factor belong to a --fault-profile');
  if (preset === undefined) return {};
  const numbers = {
    ...(seed === undefined ? {} : { seed: Number(seed) }),
    ...(timeFactor === undefined ? {} : { timeFactor: Number(timeFactor) }),
  };
  const result = faultProfile.safeParse({ preset, ...numbers });
  if (result.success) return { faultProfile: result.data };
  const wrong = { preset: '--fault-profile', seed: '--fault-seed', timeFactor: '--fault-time-factor' };
  const [issue] = result.error.issues;
  throw new Error(`${wrong[(issue?.path[0] ?? 'preset') as keyof typeof wrong]}: ${issue?.message}`);
}

function fileAt(name: string, path: string | undefined): string | undefined {
  try {
    return path === undefined ? undefined : readFileSync(path, 'utf8');
  } catch (cause) {
    throw new Error(`${name}: ${path} cannot be read (${cause instanceof Error ? cause.message : String(cause)})`, { cause });
  }
}

function apiAddress(name: string, value: string | undefined): string | undefined {
  const address = webAddress(name, value);
  if (address !== undefined && !address.endsWith('/api')) throw new Error(`${name} must end in /api, not '${value}'`);
  return address;
}

/** Without a slash at the end, since paths are appended to it. */
function webAddress(name: string, value: string | undefined): string | undefined {
  if (value !== undefined && !(URL.canParse(value) && /^https?:$/.test(new URL(value).protocol)))
    throw new Error(`${name} must be an absolute http or https address, not '${value}'`);
  return value?.replace(/(?<!\/)\/+$/, '');
}
