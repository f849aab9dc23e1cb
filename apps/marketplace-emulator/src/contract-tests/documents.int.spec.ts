import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CompositionRoot } from '../composition.root';
import { profileParts } from '../faults/profile/fault.profile';
import { apiEffectGroups } from '../faults/rule/api.effects';
import { operationEffectGroups } from '../faults/rule/operation.effects';
import { webhookEffectGroups } from '../faults/rule/webhook.effects';
import { Addresses } from '../identity/addresses';
import { SigningKeys, type StoredKey } from '../identity/token/signing.keys';
import { usage } from '../main.arguments';
import { createServer } from '../server';
import { defaultSettings } from '../settings/settings';
import { DocumentStore } from '../state/document.store';
import { noJournal } from '../state/journal';

const document = (name: string) => readFileSync(join(__dirname, '../..', name), 'utf8');

it('the settings are documented, each with its default, and no other', () => {
  const rows = [...document('docs/settings.md').matchAll(/^\| `(\w+)` +\| `([^`]*)`/gm)].map(([, name, value]) => [name, value]);
  const plain = (value: unknown) => (typeof value === 'object' ? JSON.stringify(value) : String(value));
  expect(Object.fromEntries(rows)).toEqual(
    Object.fromEntries(Object.entries(defaultSettings).map(([name, value]) => [name, plain(value)])),
  );
});

it('the effects of faults are documented, and no others', () => {
  const [effects, profile] = document('docs/faults.md').split('## An unkind Microsoft') as [string, string];
  const groups = { ...apiEffectGroups, ...webhookEffectGroups, ...operationEffectGroups };
  expect([...effects.matchAll(/^\| `(\w+)` /gm)].map(([, name]) => name).sort()).toEqual(Object.keys(groups).sort());
  const parts = [...profile.matchAll(/^\| ((?:`\w+` ?)+)/gm)].flatMap(([, names]) => names?.match(/\w+/g) ?? []);
  expect(parts.sort()).toEqual(Object.keys(profileParts.shape).sort());
});

it('the arguments of the command are documented', () => {
  const readme = document('README.md');
  expect(usage.match(/--[a-z-]+/g)?.filter((argument) => !readme.includes(argument))).toEqual([]);
});

it('the calls of the control API are documented', async () => {
  const paths: string[] = [];
  const fault = (error: unknown) => {
    throw error;
  };
  const store = new DocumentStore(noJournal);
  const server = createServer(fault).addHook('onRoute', ({ url }) => void paths.push(url));
  const keys = await SigningKeys.open(store.collection<StoredKey>('key'));
  await new CompositionRoot(store, new Addresses(() => 0), keys, {}, {}, fault).register(server);
  const control = document('docs/control.md');
  const ofControl = paths.filter((path) => path.startsWith('/control/'));
  expect(ofControl.length).toBeGreaterThan(50);
  const lastOf = (path: string) => path.split('/').findLast((segment) => !segment.startsWith(':'));
  expect(ofControl.filter((path) => !control.includes(`/${lastOf(path)}`))).toEqual([]);
});
