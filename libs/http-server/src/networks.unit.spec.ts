import { networkOf, Networks } from './networks';

describe('a list of networks', () => {
  const networks = new Networks(['10.0.0.0/8', '192.0.2.7', 'fd00::/8', '2001:db8::1']);

  it.each([
    '10.1.2.3',
    '192.0.2.7',
    '::ffff:10.1.2.3',
    '::FFFF:192.0.2.7',
    'fd12:3456::1',
    '2001:db8::1',
    '2001:0db8:0::1',
    'fd00::1%eth0',
  ])('holds %s', (address) => expect(networks.has(address)).toBe(true));

  it.each(['11.0.0.1', '192.0.2.8', '2001:db8::2', '::1', '', 'unknown', '10.0.0.0/8', '_hidden', '10.0.0.1:80'])(
    'does not hold "%s"',
    (address) => expect(networks.has(address)).toBe(false),
  );

  it.each(['10.0.0.0/33', '10.0.0/8', 'proxy.example', '', '10.0.0.0/', '10.0.0.0/-1', '10.0.0.0/8/8', '::/129', 'loopback'])(
    'cannot be made of "%s"',
    (entry) => expect(() => new Networks([entry])).toThrow('is neither an IP address nor a network like 10.0.0.0/8'),
  );
});

it.each([
  ['192.0.2.7', '192.0.2.7'],
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
  ['2001:0DB8:0001:2::6', '2001:db8:1:2'],
  ['2001:db8::6', '2001:db8:0:0'],
  ['::1', '0:0:0:0'],
  ['no address', 'no address'],
])('%s counts as %s', (address, network) => {
  expect(networkOf(address)).toBe(network);
});
