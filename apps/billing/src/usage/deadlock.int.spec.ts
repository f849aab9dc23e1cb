import { testApp } from '@landfall/testing';
import { AppModule } from '../app.module';
import { migrations, schema } from '../migrations';
import { anEvent, bucketsOf, catalogWith, report, subscribed, withoutRounds } from '../testing/usage.fixture';
import { EVENT_TYPE, takeEventsAsBytes } from './usage.requests';

const app = testApp(AppModule, {
  ...{ schema, migrations, overrides: withoutRounds, configure: takeEventsAsBytes },
  env: () => ({ CATALOG_FILE: catalogWith('emails') }),
});

/** Postgres ends so many transactions that count usage, as it does with the one that loses a deadlock. */
async function loses(times: number): Promise<void> {
  await app.query(`
    create sequence billing.losses; -- what is rolled back is not taken back of it
    create function billing.lose() returns trigger language plpgsql as $$
      begin
        if nextval('billing.losses') <= ${times} then raise exception 'deadlock detected' using errcode = '40P01'; end if;
        return new;
      end $$;
    create trigger lose before insert on billing.buckets for each row execute function billing.lose()`);
}

afterEach(() => app.query('drop function if exists billing.lose() cascade; drop sequence if exists billing.losses'));

const refused = () => app.query('select code from billing.usage_refused');

it('takes what comes by the topic once its deadlocks are over, and refuses none of it', async () => {
  const id = await subscribed(app);
  await loses(5);
  await report(app, anEvent(id), anEvent(id));
  expect(await bucketsOf(app, id)).toMatchObject([{ records: 2 }]);
  expect(await refused()).toEqual([]);
});

it('asks whoever calls to come again where deadlocks do not end, and refuses nothing', async () => {
  const id = await subscribed(app);
  await loses(1_000);
  const headers = { authorization: await app.bearer('landfall.usage'), 'content-type': EVENT_TYPE };
  const answer = await app.http({ method: 'POST', url: '/usage', headers, payload: JSON.stringify(anEvent(id)) });
  expect(answer.statusCode).toBe(503);
  expect(await bucketsOf(app, id)).toEqual([]);
  expect(await refused()).toEqual([]);
});
