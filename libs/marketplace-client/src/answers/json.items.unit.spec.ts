import fc from 'fast-check';
import { MarketplaceAnswerUnreadable } from '../marketplace.errors';
import { itemsOf } from './json.items';

fc.configureGlobal({ seed: 1 });

async function* pieces(text: string, length: number) {
  for (let at = 0; at < text.length; at += length) yield text.slice(at, at + length);
}
async function read(text: string, length = 3): Promise<unknown[]> {
  const items: unknown[] = [];
  for await (const item of itemsOf(pieces(text, length))) items.push(item);
  return items;
}

it('reads what JSON.parse reads, wherever the text is cut into pieces', async () => {
  const lists = fc.array(fc.jsonValue().filter((value) => JSON.stringify(value).length < 1_000));
  await fc.assert(
    fc.asyncProperty(lists, fc.integer({ min: 1, max: 40 }), fc.constantFrom(0, 2), async (list, length, space) => {
      const text = JSON.stringify(list, null, space);
      expect(await read(text, length)).toEqual(JSON.parse(text));
    }),
  );
});

it.each(['', ' ', 'null', '{}', '{"value":[]}', '[', '[{}', '[{"a":1},', '[}', '[{]', '[] []', '[1]x', '[{"a":"]}', '[a]', '"[]"'])(
  'takes nothing but one whole list for a list: %j',
  async (text) => {
    await expect(read(text)).rejects.toThrow(MarketplaceAnswerUnreadable);
  },
);

it('keeps no item without an end', async () => {
  await expect(read(`["${'x'.repeat(20_000)}"]`, 100)).rejects.toThrow('more than 16384 characters');
});
