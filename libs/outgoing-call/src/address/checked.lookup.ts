import { lookup, type LookupAddress, type LookupAllOptions } from 'node:dns';
import type { LookupFunction } from 'node:net';
import type { AddressGuard } from './address.guard';

/** Resolves a name to all its addresses, as `dns.lookup` does: with the system's hosts file and search domains. */
export type LookupAll = (
  hostname: string,
  options: LookupAllOptions,
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/** A name leads to addresses to which no call goes. */
export class AddressBlocked extends Error {
  readonly code = 'ADDRESS_BLOCKED';
}

/**
 * What a connection asks for the addresses of a name. It is asked once for each connection, and only what it hands on is connected to: between the check
 * and the connection nothing is resolved again, so a name server that gives another answer the second time gains nothing.
 */
export function checkedLookup(guard: AddressGuard, resolve: LookupAll = lookup): LookupFunction {
  return (hostname, options, callback) => {
    const refusalOf = (address: string) => (hostname === 'localhost' ? guard.refusalOfLocalhost(address) : guard.refusalOf(address));
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, []);
      const [first, ...others] = addresses.filter(({ address }) => refusalOf(address) === undefined);
      if (!first)
        return callback(
          blocked(
            hostname,
            addresses.map(({ address }) => refusalOf(address)),
          ),
          [],
        );
      if (options.all) return callback(null, [first, ...others]);
      return callback(null, first.address, first.family);
    });
  };
}

function blocked(hostname: string, refusals: (string | undefined)[]): AddressBlocked {
  return new AddressBlocked(`${hostname} has no address to which calls may go: ${refusals[0] ?? 'it has none at all'}`);
}
