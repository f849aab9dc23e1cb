import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { killPoints } from './kill-points';

const dir = mkdtempSync(join(tmpdir(), 'kill-points-'));
const list = join(dir, 'points.json');

beforeAll(() => {
  mkdirSync(join(dir, 'ledger'));
  writeFileSync(
    join(dir, 'ledger/ledger.js'),
    `exports.Ledger = class { async post(amount) { console.log('posts ' + amount); return { balance: amount }; } };`,
  );
  writeFileSync(
    join(dir, 'program.js'),
    `const { Ledger } = require('./ledger/ledger.js');
     const ledger = new Ledger();
     (async () => { for (const amount of [1, 2]) console.log('posted ' + (await ledger.post(amount)).balance); })();`,
  );
  const point = { module: 'ledger/ledger.js', class: 'Ledger', method: 'post' };
  writeFileSync(
    list,
    JSON.stringify([
      { ...point, name: 'before', when: 'before', matching: '2' },
      { ...point, name: 'after', when: 'after', matching: 'balance: 2' },
    ]),
  );
});
afterAll(() => rmSync(dir, { recursive: true }));

function run(armed: string | null) {
  if (armed) writeFileSync(`${list}.armed`, armed);
  const { stdout, stderr, signal } = spawnSync(process.execPath, [...killPoints(list), join(dir, 'program.js')], {
    env: { ...process.env, KILL_POINTS_FILE: list },
    encoding: 'utf8',
  });
  if (signal === null && !stdout) throw new Error(stderr);
  return { signal, lines: stdout.trim().split('\n') };
}

it.each([
  ['before', ['posts 1', 'posted 1']],
  ['after', ['posts 1', 'posted 1', 'posts 2']],
])('a process dies at the point that is armed, and only there: %s', (name, lines) => {
  expect(run(name)).toEqual({ signal: 'SIGKILL', lines });
  expect([existsSync(`${list}.armed`), readFileSync(`${list}.reached`, 'utf8')]).toEqual([false, `${name} reached`]);
  expect(run(null)).toEqual({ signal: null, lines: ['posts 1', 'posted 1', 'posts 2', 'posted 2'] }); // once
});

it('nothing is loaded into a process for which no points are named', () => {
  expect(killPoints(undefined)).toEqual([]);
});
