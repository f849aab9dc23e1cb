import { testDatabase } from '@landfall/local';
import { whyNotNoun, whyNotService } from './names.mjs';

it("names nothing by a word of Postgres's own list that may not name a schema without quotes", async () => {
  const database = await testDatabase();
  const rows = await database.query<{ word: string }>(`select word from pg_get_keywords() where catcode in ('R', 'T') order by word`);
  await database.drop();
  const words = rows.map(({ word }) => word);
  expect(words).toContain('overlaps');
  expect(words.filter((word) => !whyNotService(word, { applications: [], packages: [] }))).toEqual([]);
  expect(words.filter((word) => !whyNotNoun(word))).toEqual([]);
});
