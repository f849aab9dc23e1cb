import type { TestApp } from '@landfall/testing';

/** What no service and no operator may do to the history, for specs that need an old one, or none. */
export async function withoutTheKeeper(app: Pick<TestApp, 'query'>, sql: string): Promise<void> {
  await app.query('alter table subscription.transitions disable trigger transitions_keep');
  try {
    await app.query(sql);
  } finally {
    await app.query('alter table subscription.transitions enable always trigger transitions_keep');
  }
}
