import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SigningKeys } from './signing-keys';

/** The examples that a product's engineers copy are run as they stand in the document. */
const document = readFileSync(join(__dirname, '../../../../docs/how-to/verify-our-calls.md'), 'utf8');
const exampleIn = (language: string) => new RegExp(`\`\`\`${language}\n(.*?)\n\`\`\``, 's').exec(document)?.[1] ?? '';

const shared = (name: string) => `whsec_${Buffer.from(`${name}-secret-of-the-test-of-32-bytes`).toString('base64')}`;
const seed = (name: string) => `whsk_${Buffer.from(`${name}-seed-of-the-test-of-32-bytes!!!!`.slice(0, 32)).toString('base64')}`;
const now = Date.now();
const body = '{"question":"May it? – ja"}';
const signed = (key: string, atMs = now) => SigningKeys.parse(key).headers({ id: 'call-1', atMs, body });
const own = signed(shared('own'));

interface Case {
  readonly what: string;
  readonly headers: Record<string, string>;
  readonly body: string;
  readonly isGenuine: boolean;
}
const aCase = (what: string, isGenuine: boolean, headers: Record<string, string>, said = body): Case => ({
  what,
  isGenuine,
  headers,
  body: said,
});

const cases: Case[] = [
  aCase('a genuine call', true, own),
  aCase('signed with both secrets of a rotation', true, signed(`${shared('next')} ${shared('own')}`)),
  aCase('4 minutes old', true, signed(shared('own'), now - 240_000)),
  aCase('4 minutes ahead', true, signed(shared('own'), now + 240_000)),
  aCase('6 minutes old', false, signed(shared('own'), now - 360_000)),
  aCase('6 minutes ahead', false, signed(shared('own'), now + 360_000)),
  aCase('another body', false, own, body.replace('ja', 'JA')),
  aCase('another id', false, { ...own, 'webhook-id': 'call-2' }),
  aCase('another time', false, { ...own, 'webhook-timestamp': String(Number(own['webhook-timestamp']) + 1) }),
  aCase('another secret', false, signed(shared('foreign'))),
  aCase('a signature of another version', false, { ...own, 'webhook-signature': own['webhook-signature']!.replace('v1,', 'v2,') }),
  aCase('an empty signature', false, { ...own, 'webhook-signature': 'v1,' }),
  aCase('a signature that is cut', false, { ...own, 'webhook-signature': own['webhook-signature']!.slice(0, 20) }),
  aCase('a signature that is none', false, { ...own, 'webhook-signature': 'v1,ünd v1 , v1a' }),
  aCase('a time that is none', false, { ...own, 'webhook-timestamp': 'now' }),
  ...Object.keys(own).map((name) =>
    aCase(`without ${name}`, false, Object.fromEntries(Object.entries(own).filter(([other]) => other !== name))),
  ),
];
const withEd25519: Case[] = [
  aCase('signed with an Ed25519 key', true, signed(seed('own'))),
  aCase('signed with another Ed25519 key', false, signed(seed('foreign'))),
  aCase('an Ed25519 signature of another body', false, signed(seed('own')), '{}'),
];

const keys = [shared('own'), shared('former'), ...SigningKeys.parse(seed('own')).forReceivers()];
const folder = mkdtempSync(join(tmpdir(), 'verify-our-calls-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs an example with a few lines behind it that read cases and print its answers. */
function answersOf(program: string, name: string, source: string, asked: Case[], keysOf: string[]): boolean[] {
  const file = join(folder, name);
  writeFileSync(file, source);
  const { stdout, stderr, status } = spawnSync(program, [file], {
    input: JSON.stringify({ keys: keysOf, cases: asked, now }),
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`${name} ended with ${status}: ${stderr}`);
  return JSON.parse(stdout) as boolean[];
}

const told = (asked: Case[], answers: boolean[]) => asked.map(({ what }, index) => `${what}: ${answers[index]}`);
const expected = (asked: Case[]) => asked.map(({ what, isGenuine }) => `${what}: ${isGenuine}`);

it('the TypeScript example accepts what we sign, and nothing else', () => {
  const harness = `
    import { readFileSync } from 'node:fs';
    const { keys, cases, now } = JSON.parse(readFileSync(0, 'utf8'));
    console.log(JSON.stringify(cases.map(({ headers, body }) => isFromLandfall(keys, headers, Buffer.from(body), now))));`;
  const asked = [...cases, ...withEd25519];
  const answers = answersOf(process.execPath, 'example.mts', exampleIn('ts') + harness, asked, keys);
  expect(told(asked, answers)).toEqual(expected(asked));
});

const hasPython = spawnSync('python3', ['--version']).status === 0;
(hasPython ? it : it.skip)('the Python example accepts what we sign, and nothing else', () => {
  const harness = `
import json, sys
given = json.load(sys.stdin)
print(json.dumps([is_from_landfall(given["keys"], case["headers"], case["body"].encode(), given["now"] / 1000) for case in given["cases"]]))
`;
  const answers = answersOf(
    'python3',
    'example.py',
    exampleIn('python') + harness,
    cases,
    keys.filter((key) => key.startsWith('whsec_')),
  );
  expect(told(cases, answers)).toEqual(expected(cases));
});
