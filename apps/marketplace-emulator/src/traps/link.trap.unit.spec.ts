import type { Addresses } from '../identity/addresses';
import { Clock } from '../time/clock';
import { DocumentStore } from '../state/document.store';
import { noJournal } from '../state/journal';
import { LinkTrap } from './link.trap';

it('is closed by a close that came while it was being opened, and can be opened again', async () => {
  const addresses = { linkTrapUrl: null } as Addresses;
  const trap = new LinkTrap(addresses, new Clock(new DocumentStore(noJournal).collection('clock')), { notify: () => {} });
  const opening = trap.open();
  await trap.close();
  expect(await opening).toBeNull();
  expect(trap.url).toBeNull();
  const url = await trap.open();
  expect(url).toMatch(/^http:/);
  expect((await fetch(url as string)).status).toBe(404);
  await trap.close();
});
