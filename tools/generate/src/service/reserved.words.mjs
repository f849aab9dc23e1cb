/**
 * What Postgres takes for a schema's name in quotes alone (its own list, `pg_get_keywords()`, category R and T), and two names of its own. Words with an
 * underscore are left out, since no name of ours has one.
 */
export const wordsOfPostgres = words(`
  public postgres
  all analyse analyze and any array as asc asymmetric authorization binary both case cast check collate collation column concurrently constraint create cross
  default deferrable desc distinct do else end except false fetch for foreign freeze from full grant group having ilike in initially inner intersect into is
  isnull join lateral leading left like limit localtime localtimestamp natural not notnull null offset on only or order outer overlaps placing primary
  references returning right select similar some symmetric system table tablesample then to trailing true union unique user using variadic verbose when
  where window with
`);

/** Parts of the running system, packages outside of `apps`, and names that say nothing. */
export const wordsOfOurs = words(
  'landfall kafka emulator operator node common utils util helpers helper base manager service test constructor prototype',
);

/** Endpoints that every service has: `/jobs`, `/dead-letters`, `/operator-acts`, `/metrics`. */
export const wordsOfEndpoints = words('job dead-letter operator-act metric');

/** What a service has beside its noun. The templates' own identifiers are not among them: see `template.identifiers.mjs`. */
export const wordsOfServices = words('app service config migrations migrate main message event state row rows tx subscription database');

/** Words of TypeScript, its types that lint allows nobody, and `arguments`, which strict code may call nothing. */
export const wordsOfTypeScript = words(`
  class const default delete enum export function import new package return static super switch this type var void while
  big-int boolean error map module number object promise string symbol
  argument arguments constructor prototype
`);

function words(text) {
  return text.trim().split(/\s+/);
}
