import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { accept, acceptedDir, unaccepted } from './accepted.breaks';
import { committedDocuments } from './committed';
import { differencesOf, readDocuments, writeDocuments } from './documents';

let dir: string;
beforeEach(() => (dir = mkdtempSync(join(tmpdir(), 'landfall-committed-'))));
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const git = (...args: string[]) =>
  execFileSync('git', ['-C', dir, '-c', 'user.name=a', '-c', 'user.email=a@example.com', '-c', 'core.hooksPath=/nowhere', ...args], {
    stdio: 'ignore',
  });
const put = (path: string, text: string) => {
  mkdirSync(dirname(join(dir, path)), { recursive: true });
  writeFileSync(join(dir, path), text);
};
const commit = () => {
  git('add', '.');
  git('commit', '-m', 'documents');
};

it('finds the documents of a commit, whatever lies on disk by now', () => {
  git('init');
  put('docs/a/one.json', '1\n');
  put('other/two.json', '2\n');
  commit();
  put('docs/a/one.json', 'changed\n');
  put('docs/a/new.json', '3\n');
  expect([...committedDocuments(dir, 'HEAD', ['docs'])!]).toEqual([['docs/a/one.json', '1\n']]);
});

it('knows no documents where there is no such commit, and none without git', () => {
  expect(committedDocuments(dir, 'HEAD', ['docs'])).toBeUndefined();
  git('init');
  put('docs/one.json', '1\n');
  commit();
  expect(committedDocuments(dir, 'HEAD^', ['docs'])).toBeUndefined();
});

it('writes the documents that are wanted, removes what describes nothing any more, and says which differ', () => {
  put('docs/a/old.json', 'old');
  put('docs/a/same.json', 'same');
  put('docs/a/late.json', 'before');
  const wanted = new Map([
    ['docs/a/same.json', 'same'],
    ['docs/a/late.json', 'after'],
    ['docs/a/b/new.json', 'new'],
  ]);
  expect(differencesOf(readDocuments(dir, ['docs/a']), wanted)).toEqual([
    'docs/a/b/new.json is missing',
    'docs/a/late.json is out of date',
    'docs/a/old.json describes nothing any more',
  ]);
  writeDocuments(dir, ['docs/a'], wanted);
  expect(differencesOf(readDocuments(dir, ['docs/a']), wanted)).toEqual([]);
});

it('lets through what somebody has accepted since, with the reason, and asks again when the same is broken later', () => {
  const path = accept(dir, ['a: b was removed'], 'nobody reads it', new Date('2026-11-28T12:00:00Z'));
  expect(JSON.parse(readFileSync(join(dir, path), 'utf8'))).toEqual({
    acceptedOn: '2026-11-28',
    reason: 'nobody reads it',
    breaks: ['a: b was removed'],
  });
  const now = readDocuments(dir, [acceptedDir]);
  expect(unaccepted(['a: b was removed', 'a: c was removed'], new Map(), now)).toEqual(['a: c was removed']);
  expect(unaccepted(['a: b was removed'], now, now)).toEqual(['a: b was removed']);
});
