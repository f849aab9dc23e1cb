import { Client } from 'pg';
import { whyNotNoun, whyNotService } from './names.mjs';

it("names nothing by a word of Postgres's own list that may not name a schema without quotes", async () => {
  const client = new Client({ connectionString: process.env['LANDFALL_TEST_DATABASE_URL'] }); // jest's global setup names it
  await client.connect();
  const { rows } = await client.query<{ word: string }>(`select word from pg_get_keywords() where catcode in ('R', 'T') order by word`);
  await client.end();
  const words = rows.map(({ word }) => word);
  expect(words).toContain('overlaps');
  expect(words.filter((word) => !whyNotService(word, { applications: [], packages: [] }))).toEqual([]);
  expect(words.filter((word) => !whyNotNoun(word))).toEqual([]);
});
