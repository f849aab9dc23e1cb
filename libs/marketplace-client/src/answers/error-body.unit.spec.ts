import fc from 'fast-check';
import { readReason } from './error-body';

fc.configureGlobal({ seed: 1 });

const none = { code: null, message: null, target: null };

it.each<[shape: string, body: string, reason: object | null]>([
  [
    'code, message and target',
    '{"message":"Mandatory header missing","target":"x-ms-marketplace-token","code":"HeaderNotPresent"}',
    { code: 'HeaderNotPresent', message: 'Mandatory header missing', target: 'x-ms-marketplace-token' },
  ],
  [
    'code and message with details',
    '{"message":"m","code":"BadArgument","details":[{"code":"c"}]}',
    { ...none, code: 'BadArgument', message: 'm' },
  ],
  ['an inner error', '{"error":{"code":"UnexpectedError","message":"m"}}', { ...none, code: 'UnexpectedError', message: 'm' }],
  [
    'an inner Error in capitals',
    '{"Error":{"Code":"ApiVersionUnspecified","Message":"m"}}',
    { ...none, code: 'ApiVersionUnspecified', message: 'm' },
  ],
  ['a bare JSON text', '"The authorization token is not acceptable"', { ...none, message: 'The authorization token is not acceptable' }],
  ['plain text', 'Service Unavailable', { ...none, message: 'Service Unavailable' }],
  ["a proxy's page", '<html><body>502</body></html>', null],
  ['nothing', '', null],
  ['blanks', '  \n', null],
  ['null', 'null', null],
  ['a list', '[1,2]', null],
  ['an object without a reason', '{"a":1}', null],
  ['cut JSON', '{"code":"Bad', { ...none, message: '{"code":"Bad' }],
  ['a code that is no text', '{"code":17,"message":{}}', null],
])('reads %s', (_shape, body, reason) => {
  expect(readReason(body)).toEqual(reason);
});

it('gives a reason that can be stored, whatever it holds and wherever it is cut', () => {
  const message = readReason(JSON.stringify({ message: `a\0b\ud800c${'\u{1f3e0}'.repeat(5_000)}` }))?.message;
  expect(message).toMatch(/^a\ufffdb\ufffdc/);
  expect(message?.isWellFormed()).toBe(true);
});

it('takes out secrets, tokens and addresses', () => {
  const body = JSON.stringify({
    message: 'token ab+cd/ef== and eyJhbGciOi.eyJzdWIi.c2ln of ada@fabrikam.example are bad',
    code: 'ab+cd/ef==',
  });
  expect(readReason(body, ['ab+cd/ef=='])).toEqual({ code: '…', message: 'token … and … of … are bad', target: null });
});

it('cuts a long reason', () => {
  expect(readReason('x'.repeat(10_000))?.message).toHaveLength(500);
});

it.each([
  ['one word', 'a'],
  ['beginnings of tokens', 'eyJ'],
  ['tokens that never end', 'eyJa.'],
  ['signs of an address', '@'],
  ['blanks', ' '],
  ['slashes', '/'],
])('looks through 64 kB of %s without holding up everything else', (_text, piece) => {
  const body = JSON.stringify({ message: piece.repeat(Math.ceil(65_536 / piece.length)) });
  const begun = process.cpuUsage();
  readReason(body, ['ab+cd/ef==']);
  const { user, system } = process.cpuUsage(begun);
  expect((user + system) / 1_000).toBeLessThan(500); // milliseconds of this process: a quadratic pattern takes two seconds, this one takes two milliseconds
});

it('leaves no half of a secret, wherever a text is cut', () => {
  const secret = 'ab+cd/ef=='.repeat(100);
  for (const before of [0, 490, 3_500, 3_990]) {
    const reason = readReason(JSON.stringify({ message: 'x'.repeat(before) + secret }), [secret]);
    expect(reason?.message).not.toContain('ab+');
  }
});

it('bears any body', () => {
  fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (body) => void readReason(body, ['a', ''])));
});
