import { BlockList, isIP } from 'node:net';
import type { Networks } from '@landfall/http-server';

/** IANA's special-purpose registry for IPv4: what is no address of somebody on the internet. */
const SPECIAL_V4 = subnets('ipv4', [
  '0.0.0.0/8', // this network
  '10.0.0.0/8', // private
  '100.64.0.0/10', // shared behind a carrier's NAT
  '127.0.0.0/8', // loopback
  '169.254.0.0/16', // link-local, the metadata services of clouds among them
  '172.16.0.0/12', // private
  '192.0.0.0/24', // protocol assignments
  '192.0.2.0/24', // documentation
  '192.88.99.0/24', // relays of 6to4
  '192.168.0.0/16', // private
  '198.18.0.0/15', // benchmarks
  '198.51.100.0/24', // documentation
  '203.0.113.0/24', // documentation
  '224.0.0.0/4', // multicast
  '240.0.0.0/4', // reserved, and broadcast
]);

/**
 * Global unicast, the only part of IPv6 that has ever been given to anybody. Outside of it lie loopback (`::1`), IPv4 in other clothes (`::ffff:0:0/96`,
 * `::/96`, NAT64's `64:ff9b::/96` and `64:ff9b:1::/48`), unique local (`fc00::/7`), link-local (`fe80::/10`) and multicast (`ff00::/8`).
 */
const GLOBAL_V6 = subnets('ipv6', ['2000::/3']);
const SPECIAL_V6 = subnets('ipv6', [
  '2001::/23', // protocol assignments: Teredo, benchmarks, ORCHID
  '2001:db8::/32', // documentation
  '2002::/16', // 6to4: an IPv4 address stands behind the prefix
  '3ffe::/16', // a test network of the past
  '3fff::/20', // documentation
]);
const LOOPBACK = subnets('ipv4', ['127.0.0.0/8']);
LOOPBACK.addAddress('::1', 'ipv6');

/** Decides to which addresses a call may go: to public ones, and to those that a setting names. */
export class AddressGuard {
  /** @param named networks that are allowed although they are not public, such as those of the company's own cluster */
  constructor(private readonly named: Networks) {}

  /** Why no call goes there, as a sentence; undefined where it may. */
  refusalOf(address: string): string | undefined {
    if (isPublic(address) || this.named.has(address)) return undefined;
    return `${address} is no public address, and OUTGOING_NETWORKS does not name its network`;
  }

  /** What the name `localhost` may stand for, whatever a file or a name server says (RFC 6761): plain http is allowed there. */
  refusalOfLocalhost(address: string): string | undefined {
    if (!LOOPBACK.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')) return `localhost leads to ${address}, which is not this machine`;
    return this.refusalOf(address);
  }
}

/** False for what is no address at all. */
export function isPublic(address: string): boolean {
  const [plain = ''] = address.split('%', 1); // without the name of an interface
  switch (isIP(plain)) {
    case 4:
      return !SPECIAL_V4.check(plain, 'ipv4');
    case 6:
      return GLOBAL_V6.check(plain, 'ipv6') && !SPECIAL_V6.check(plain, 'ipv6');
    default:
      return false;
  }
}

function subnets(family: 'ipv4' | 'ipv6', networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', bits] = network.split('/');
    list.addSubnet(address, Number(bits), family);
  }
  return list;
}
