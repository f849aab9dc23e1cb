/**
 * Sets the clock of a process wrong by SKEW_MS milliseconds, for a copy that CLOCK_SKEW names. Node loads it before the program (`--require`), so that whatever the
 * program and its packages ask the time of is wrong alike: `new Date()`, `Date.now()`, `Date()`. Timers and `performance.now()` run on, as they do on a machine
 * whose clock is wrong. Runs from source too (Node strips the types), so it imports nothing.
 */
const skewMs = Number(process.env['SKEW_MS'] ?? 0);
const RealDate = Date;
const realNow = RealDate.now.bind(RealDate);
const wrongNow = (): number => realNow() + skewMs;

RealDate.now = wrongNow;
globalThis.Date = new Proxy(RealDate, {
  construct: (target, values: unknown[], newTarget) =>
    Reflect.construct(target, values.length > 0 ? values : [wrongNow()], newTarget) as Date,
  apply: () => new RealDate(wrongNow()).toString(),
});
RealDate.prototype.constructor = globalThis.Date; // or `date.constructor` would lead to the right time
