import { MarketplaceAnswerUnreadable, type FailureDetails } from '../marketplace.errors';

/** An address to which requests may go: origin and the path below it, without a slash at the end. */
export interface ServiceAddress {
  readonly origin: string;
  readonly path: string;
  readonly isLoopback: boolean;
}

/**
 * Reads an address from configuration. Plain http is accepted towards this machine alone: everywhere else a token would travel in clear.
 * Throws a sentence that names the setting.
 */
export function serviceAddress(setting: string, url: string): ServiceAddress {
  const parsed = URL.parse(url);
  if (!parsed) throw new Error(`${setting} is not an address: ${url}`);
  const isLoopback = isLoopbackHost(parsed.hostname);
  const isAllowed = parsed.protocol === 'https:' || (parsed.protocol === 'http:' && isLoopback);
  if (!isAllowed) throw new Error(`${setting} must be https (plain http is for loopback addresses alone): ${url}`);
  if (parsed.username || parsed.password || parsed.search || parsed.hash)
    throw new Error(`${setting} must hold nothing but host and path: ${parsed.origin}`);
  return { origin: parsed.origin, path: parsed.pathname.replace(/(?<!\/)\/+$/, ''), isLoopback };
}

function isLoopbackHost(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}

export interface FollowedLink {
  readonly origin: string;
  /** Path and query as Microsoft wrote them, percent-encoding included. */
  readonly path: string;
}

/**
 * Decides whether our token may go where a link of Microsoft's points (contract 3.1.4): https and a host of the list, or the API's own
 * origin; plain http to a host of the list as well where both are this machine. A link that fails is refused before anything is sent.
 */
export function followLink(link: string, api: ServiceAddress, linkHosts: readonly string[], details: FailureDetails = {}): FollowedLink {
  const refuse = (problem: string) => new MarketplaceAnswerUnreadable('@nextLink', `${problem}; nothing was sent there`, details);
  const url = URL.parse(link);
  if (!url) throw refuse('is not an absolute address');
  if (url.username || url.password) throw refuse('carries a user name');

  const isOwnOrigin = url.origin === api.origin;
  const isSecure = url.protocol === 'https:' || (url.protocol === 'http:' && api.isLoopback && isLoopbackHost(url.hostname));
  const isListed = linkHosts.some((allowed) => matches(url, allowed.trim().toLowerCase()));
  if (!isOwnOrigin && !(isSecure && isListed)) {
    throw refuse(`points to ${url.protocol}//${url.host}, which is not among the hosts that may receive our token (linkHosts)`);
  }
  return { origin: url.origin, path: url.pathname + url.search };
}

/** An entry without a port means the standard one: another port is another service. */
function matches(url: URL, allowed: string): boolean {
  if (allowed.startsWith('*.')) return url.port === '' && url.hostname.endsWith(allowed.slice(1));
  return url.host === allowed;
}
