import { randomBytes, randomUUID } from 'node:crypto';
import type { Installation } from '../../installation/installation';
import { Clock } from '../../time/clock';
import { PurchaseTokens } from './purchase.tokens';

const installation = () => ({ purchaseTokenKey: randomBytes(32).toString('base64') }) as Installation;

it('always holds a plus sign, a slash and an equals sign, and is never the same twice', () => {
  const tokens = new PurchaseTokens(installation(), new Clock());
  const id = randomUUID();
  const minted = Array.from({ length: 500 }, () => tokens.mint(id));
  for (const token of minted) expect(token).toMatch(/^(?=.*\+)(?=.*\/)(?=.*=)[A-Za-z0-9+/=]{200,}$/);
  expect(new Set(minted).size).toBe(500);
  expect(tokens.read(minted[0] as string)).toEqual({ subscriptionId: id });
});

it('can be read for 24 hours', () => {
  const clock = new Clock();
  const tokens = new PurchaseTokens(installation(), clock);
  const token = tokens.mint(randomUUID());
  clock.moveTo(Date.now() + 86_390_000);
  expect(tokens.read(token)).toMatchObject({ subscriptionId: expect.any(String) });
  clock.moveTo(Date.now() + 86_401_000);
  expect(tokens.read(token)).toBe('expired');
});

it('cannot be read by another installation', () => {
  const token = new PurchaseTokens(installation(), new Clock()).mint(randomUUID());
  expect(new PurchaseTokens(installation(), new Clock()).read(token)).toBe('invalid');
});
