import { isIP } from 'node:net';

const ANY_PORT = '*';

interface AllowedHost {
  readonly entry: string;
  /** The name as URLs show it. With `isSuffix` it begins with a dot, and whatever stands before it is allowed. */
  readonly name: string;
  readonly isSuffix: boolean;
  /** Empty for the standard port of the scheme; `*` for any. */
  readonly port: string;
}

/** The hosts to which calls may go: `desk.fabrikam.example`, `*.fabrikam.example` (any name below it, not itself), each with a port where it is not the standard one, `:*` for any. */
export class AllowedHosts {
  private readonly hosts: readonly AllowedHost[];

  /** @throws RangeError for an entry that is no host */
  constructor(entries: readonly string[]) {
    this.hosts = entries.map(allowedHost);
  }

  /** The entry that allows the host and port of a URL; undefined where none does. */
  entryFor({ hostname, port }: URL): string | undefined {
    return this.hosts.find(
      (host) => (host.port === port || host.port === ANY_PORT) && (host.isSuffix ? hostname.endsWith(host.name) : hostname === host.name),
    )?.entry;
  }
}

function allowedHost(entry: string): AllowedHost {
  const isSuffix = entry.startsWith('*.');
  const isAnyPort = entry.endsWith(`:${ANY_PORT}`);
  const rest = entry.slice(isSuffix ? 2 : 0, isAnyPort ? -2 : undefined);
  const url = /[\s/?#@*\\%]/.test(rest) ? null : URL.parse(`https://${rest}`); // the same parser as for the URLs: cases, IDN and odd IPv4 forms come out alike
  if (!url || (isAnyPort && /:\d*$/.test(rest)) || (isSuffix && isIP(unbracketed(url.hostname)) !== 0))
    throw new RangeError(`"${entry.slice(0, 80)}" is no host like desk.fabrikam.example, desk.fabrikam.example:8443 or *.fabrikam.example`);
  return { entry, name: (isSuffix ? '.' : '') + url.hostname, isSuffix, port: isAnyPort ? ANY_PORT : url.port };
}

/** A URL writes an IPv6 address in brackets. */
export function unbracketed(hostname: string): string {
  return hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
}
