import { Networks } from '@landfall/http-server';
import fc from 'fast-check';
import { AddressGuard, isPublic } from './address.guard';

fc.configureGlobal({ seed: 1 });

const guardNaming = (...networks: string[]) => new AddressGuard(new Networks(networks));
const allows = (guard: AddressGuard, address: string) => guard.refusalOf(address) === undefined;

const notPublic = [
  ...[
    '0.0.0.0',
    '10.0.0.7',
    '100.64.0.1',
    '100.127.255.255',
    '127.0.0.1',
    '127.255.255.254',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255',
  ],
  ...['192.0.0.8', '192.0.2.1', '192.88.99.1', '192.168.1.1', '198.18.0.1', '198.19.255.255', '198.51.100.1', '203.0.113.1'],
  ...['224.0.0.1', '239.255.255.255', '240.0.0.1', '255.255.255.255'],
  ...[
    '::',
    '::1',
    '0:0:0:0:0:0:0:1',
    '::127.0.0.1',
    '::ffff:8.8.8.8',
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '0:0:0:0:0:FFFF:7F00:0001',
    '::ffff:0:8.8.8.8',
  ],
  ...[
    '64:ff9b::8.8.8.8',
    '64:ff9b::a00:1',
    '64:ff9b:1::1',
    '100::1',
    '2001::1',
    '2001:0:4136:e378::1',
    '2001:2::1',
    '2001:20::1',
    '2001:db8::1',
  ],
  ...[
    '2002:7f00:1::1',
    '2002:808:808::1',
    '3ffe::1',
    '3fff::1',
    '5f00::1',
    'fc00::1',
    'fd12:3456::1',
    'fe80::1',
    'fe80::1%eth0',
    'fec0::1',
    'ff02::1',
  ],
  ...['', 'localhost', '127.1', '0x7f000001', '8.8.8.8:80', '[2606:4700::1]', '8.8.8.8/32'],
];
const publicOnes = [
  '1.1.1.1',
  '8.8.8.8',
  '9.255.255.255',
  '11.0.0.0',
  '100.63.255.255',
  '100.128.0.0',
  '126.255.255.255',
  '172.15.255.255',
  '172.32.0.0',
];
const publicOnesV6 = [
  '2606:4700:4700::1111',
  '2A00:1450::200e',
  '2001:200::1',
  '2001:db7:ffff::1',
  '2001:db9::',
  '2003::1',
  '3ffd::1',
  '2000::',
  '2400:cb00::1.2.3.4',
];

describe('without a setting', () => {
  it.each(notPublic)('no call goes to "%s"', (address) => {
    expect(guardNaming().refusalOf(address)).toBe(`${address} is no public address, and OUTGOING_NETWORKS does not name its network`);
  });

  it.each([...publicOnes, ...publicOnesV6])('a call may go to %s', (address) => {
    expect(guardNaming().refusalOf(address)).toBeUndefined();
  });
});

describe('a setting', () => {
  it.each([
    ['10.0.0.0/8', '10.1.2.3', '192.168.0.1'],
    ['127.0.0.0/8', '127.0.0.1', '::1'],
    ['::1', '::1', '127.0.0.1'],
    ['fd00::/8', 'fd12::1', 'fc12::1'],
    ['64:ff9b::/96', '64:ff9b::8.8.8.8', '64:ff9b:1::1'],
    ['192.168.7.0/24', '192.168.7.9', '192.168.8.9'],
    ['10.0.0.0/8', '::ffff:10.1.2.3', '::ffff:192.168.0.1'],
  ])('of %s opens %s, and not %s', (network, named, other) => {
    const guard = guardNaming(network);
    expect([allows(guard, named), allows(guard, other), allows(guard, '8.8.8.8')]).toEqual([true, false, true]);
  });

  it('never makes localhost another machine', () => {
    const guard = guardNaming('0.0.0.0/0', '::/0');
    expect(guard.refusalOfLocalhost('10.0.0.7')).toBe('localhost leads to 10.0.0.7, which is not this machine');
    expect(guard.refusalOfLocalhost('2606:4700::1')).toContain('which is not this machine');
    expect([guard.refusalOfLocalhost('127.0.0.1'), guard.refusalOfLocalhost('::1')]).toEqual([undefined, undefined]);
    expect(guardNaming().refusalOfLocalhost('127.0.0.1')).toContain('OUTGOING_NETWORKS');
  });
});

/** A second account of the same ranges, by arithmetic: what Node's list says is held against it. */
const range = (text: string): [first: bigint, last: bigint] => {
  const [address, bits] = text.split('/') as [string, string];
  const width = address.includes(':') ? 128n : 32n;
  const first = address.includes(':') ? v6Number(address) : v4Number(address);
  return [first, first + (1n << (width - BigInt(bits))) - 1n];
};
const v4Number = (text: string) => text.split('.').reduce((sum, part) => sum * 256n + BigInt(part), 0n);
const v6Number = (text: string) => {
  const [head = '', tail = ''] = text.split('::');
  const groups = (part: string) => (part === '' ? [] : part.split(':'));
  const gap = 8 - groups(head).length - groups(tail).length;
  return [...groups(head), ...Array.from({ length: gap }, () => '0'), ...groups(tail)].reduce(
    (sum, part) => sum * 65_536n + BigInt(`0x${part}`),
    0n,
  );
};
const within = (ranges: [bigint, bigint][], value: bigint) => ranges.some(([first, last]) => value >= first && value <= last);
const specialV4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
]
  .concat(['192.88.99.0/24', '192.168.0.0/16', '198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24', '224.0.0.0/4', '240.0.0.0/4'])
  .map(range);
const specialV6 = ['2001:0::/23', '2001:db8::/32', '2002::/16', '3ffe::/16', '3fff::/20'].map(range);
const globalV6 = [range('2000::/3')];

/** Near the ends of a range is where a wrong prefix would show. */
const near = (ranges: [bigint, bigint][], largest: bigint) =>
  fc
    .tuple(fc.constantFrom(...ranges.flat()), fc.bigInt(-3n, 3n))
    .map(([edge, off]) => edge + off)
    .filter((value) => value >= 0n && value <= largest);
const anyV4 = fc.oneof(near(specialV4, (1n << 32n) - 1n), fc.bigInt(0n, (1n << 32n) - 1n));
const anyV6 = fc.oneof(
  near([...specialV6, ...globalV6], (1n << 128n) - 1n),
  fc.bigInt(0n, (1n << 128n) - 1n),
  fc.bigInt(1n << 125n, (1n << 126n) - 1n),
);

const v4Text = (value: bigint) => [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 255n).join('.');
const groupsOf = (value: bigint) => [112n, 96n, 80n, 64n, 48n, 32n, 16n, 0n].map((shift) => ((value >> shift) & 65_535n).toString(16));
const v6Texts = (value: bigint) => {
  const groups = groupsOf(value);
  const plain = groups.join(':');
  return [
    plain,
    plain.toUpperCase(),
    groups.map((group) => group.padStart(4, '0')).join(':'),
    new URL(`http://[${plain}]`).hostname.slice(1, -1), // compressed
    `${groups.slice(0, 6).join(':')}:${v4Text(value & ((1n << 32n) - 1n))}`,
  ];
};

describe('of all addresses', () => {
  const runs = { numRuns: 2_000 };

  it('those of IPv4 are public that lie in no special range', () => {
    fc.assert(
      fc.property(anyV4, (value) => isPublic(v4Text(value)) === !within(specialV4, value)),
      runs,
    );
  });

  it('those of IPv6 are public that lie in global unicast and in no special range, however they are written', () => {
    fc.assert(
      fc.property(anyV6, (value) => {
        const expected = within(globalV6, value) && !within(specialV6, value);
        return v6Texts(value).every((text) => isPublic(text) === expected);
      }),
      runs,
    );
  });

  it('none of IPv4 is reached in the clothes of IPv6: mapped, compatible, translated, tunnelled', () => {
    fc.assert(
      fc.property(anyV4, (value) => {
        const [high, low] = [(value >> 16n).toString(16), (value & 65_535n).toString(16)];
        const dotted = v4Text(value);
        const clothes = [
          `::ffff:${dotted}`,
          `::ffff:${high}:${low}`,
          `::${dotted}`,
          `::ffff:0:${dotted}`,
          `64:ff9b::${dotted}`,
          `64:ff9b:1::${dotted}`,
        ];
        return [...clothes, `2002:${high}:${low}::1`, `2001:0:${high}:${low}::1`].every((text) => !allows(guardNaming(), text));
      }),
      runs,
    );
  });

  it('those are open whose network is named, and no other that is not public', () => {
    const prefix = fc.integer({ min: 1, max: 32 });
    fc.assert(
      fc.property(anyV4, prefix, anyV4, (base, bits, value) => {
        const named = range(`${v4Text((base >> BigInt(32 - bits)) << BigInt(32 - bits))}/${bits}`);
        const guard = guardNaming(`${v4Text(base)}/${bits}`);
        return allows(guard, v4Text(value)) === (within([named], value) || !within(specialV4, value));
      }),
      runs,
    );
  });
});
