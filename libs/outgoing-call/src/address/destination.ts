import { isIP } from 'node:net';
import { isLoopback } from '@landfall/service-defaults';
import { MAX_URL_CHARS } from '../outgoing-call.limits';
import type { AddressGuard } from './address.guard';
import { unbracketed, type AllowedHosts } from './allowed.hosts';

const LOOPBACKS = ['127.0.0.1', '::1'];

/** Where a call goes: the URL, and the entry of the setting that allows its host. */
export interface Destination {
  readonly url: URL;
  readonly allowedBy: string;
}

/**
 * Checks all of a URL that can be checked before a name is resolved. The parser is the one by which the connection is made, so `https://2130706433`
 * and `https://0x7f.1` are seen as the 127.0.0.1 that they are.
 * @returns a sentence where no call goes there; it shows neither path nor query, which may hold a secret
 */
export function destinationOf(text: string, hosts: AllowedHosts, guard: AddressGuard): Destination | { readonly problem: string } {
  const url = text.length <= MAX_URL_CHARS ? URL.parse(text) : null;
  if (!url) return { problem: `it is no URL of at most ${MAX_URL_CHARS} characters` };
  const isPlainLoopback = url.protocol === 'http:' && isLoopback(url.hostname);
  if (url.protocol !== 'https:' && !isPlainLoopback) return { problem: 'the URL is not https (plain http is for this machine alone)' };
  if (url.username !== '' || url.password !== '') return { problem: 'the URL holds a user name or a password: calls are signed instead' };
  const allowedBy = hosts.entryFor(url);
  if (allowedBy === undefined) return { problem: `${url.host.slice(0, 253)} is not among OUTGOING_HOSTS` };
  const problem = refusalOf(unbracketed(url.hostname), guard);
  return problem === undefined ? { url, allowedBy } : { problem };
}

/** Of what is never looked up: an address, and the name of this machine, which leads to loopback alone. */
function refusalOf(hostname: string, guard: AddressGuard): string | undefined {
  if (isIP(hostname) !== 0) return guard.refusalOf(hostname);
  if (hostname !== 'localhost') return undefined;
  const refusals = LOOPBACKS.map((address) => guard.refusalOfLocalhost(address));
  return refusals.every((refusal) => refusal !== undefined) ? `localhost leads to this machine: ${refusals[0]}` : undefined;
}
