import { BlockList, isIP } from 'node:net';

const MAPPED = '::ffff:';
const NETWORK_GROUPS = 4;
const GROUPS = 8;

/** IP addresses and networks, such as those of the proxies in front. */
export class Networks {
  private readonly list = new BlockList();

  /** @param entries `10.0.0.7`, `10.0.0.0/8`, `fd00::/8`. @throws RangeError for one that is neither an address nor a network */
  constructor(readonly entries: readonly string[]) {
    for (const entry of entries) this.add(entry);
  }

  /** Whether the address is one of them; false for what is no address. An IPv4 address counts in its IPv6 form as well. */
  has(address: string): boolean {
    const plain = unmapped(address);
    const version = isIP(plain);
    return version !== 0 && this.list.check(plain, version === 6 ? 'ipv6' : 'ipv4');
  }

  private add(entry: string): void {
    const [address = '', prefix, ...rest] = entry.split('/');
    const version = isIP(address);
    const longest = version === 6 ? 128 : 32;
    const bits = prefix === undefined ? longest : /^\d{1,3}$/.test(prefix) ? Number(prefix) : Number.NaN;
    if (version === 0 || rest.length > 0 || !(bits <= longest))
      throw new RangeError(`"${entry.slice(0, 80)}" is neither an IP address nor a network like 10.0.0.0/8`);
    this.list.addSubnet(address, bits, version === 6 ? 'ipv6' : 'ipv4');
  }
}

/** What counts as one caller: an IPv4 address, or the /64 of an IPv6 address, since whoever has one address there has them all. */
export function networkOf(address: string): string {
  const plain = unmapped(address);
  return isIP(plain) === 6 ? groupsOf(plain).slice(0, NETWORK_GROUPS).join(':') : plain;
}

function unmapped(address: string): string {
  const [plain = ''] = address.split('%', 1); // without the name of an interface
  const tail = plain.toLowerCase().startsWith(MAPPED) ? plain.slice(MAPPED.length) : '';
  return isIP(tail) === 4 ? tail : plain;
}

function groupsOf(address: string): string[] {
  const [before = '', after] = address.toLowerCase().split('::', 2);
  const head = before === '' ? [] : before.split(':');
  const tail = after === undefined || after === '' ? [] : after.split(':');
  const gap = after === undefined ? 0 : Math.max(0, GROUPS - head.length - tail.length);
  return [...head, ...Array.from({ length: gap }, () => '0'), ...tail].map((group) => group.replace(/^0+(?=.)/, ''));
}
