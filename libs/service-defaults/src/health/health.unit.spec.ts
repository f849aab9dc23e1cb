import { HEALTH_CHECK_LIMIT_MS, HealthRegistry } from './health';

describe('health', () => {
  const started = () => {
    const registry = new HealthRegistry();
    registry.started();
    return registry;
  };

  it('is not ready before the start has ended, and not ready again once the stop began', async () => {
    const registry = new HealthRegistry();
    expect(await registry.examine('ready')).toEqual({ healthy: false, checks: { service: 'starting' } });
    registry.started();
    expect(await registry.examine('ready')).toEqual({ healthy: true, checks: {} });
    registry.stopping();
    expect(await registry.examine('ready')).toEqual({ healthy: false, checks: { service: 'stopping' } });
    expect(await registry.examine('live')).toEqual({ healthy: true, checks: {} });
  });

  it('says which check failed and why, and keeps the two kinds apart', async () => {
    const registry = started();
    registry.add('ready', 'database', () => undefined);
    registry.add('ready', 'partitions', () => Promise.reject(new Error('no partition is claimed')));
    registry.add('live', 'fetching', () => {
      throw new Error('nothing was fetched for 60 s');
    });
    expect(await registry.examine('ready')).toEqual({ healthy: false, checks: { database: 'ok', partitions: 'no partition is claimed' } });
    expect(await registry.examine('live')).toEqual({ healthy: false, checks: { fetching: 'nothing was fetched for 60 s' } });
  });

  it('tells what somebody has to see to, and is ready all the same', async () => {
    const registry = started();
    let notice: string | undefined = 'the catalog cannot be used';
    registry.addNotice('catalog', () => notice);
    expect(await registry.examine('ready')).toEqual({ healthy: true, checks: {}, notices: { catalog: 'the catalog cannot be used' } });
    notice = undefined;
    expect(await registry.examine('ready')).toEqual({ healthy: true, checks: {} });
  });

  it('answers in time where a check hangs, and does not start it a second time', async () => {
    jest.useFakeTimers();
    const registry = started();
    const hanging = jest.fn(() => new Promise<void>(() => undefined));
    registry.add('ready', 'database', hanging);
    const reports = [registry.examine('ready'), registry.examine('ready')];
    await jest.advanceTimersByTimeAsync(HEALTH_CHECK_LIMIT_MS);
    expect(await Promise.all(reports)).toEqual(Array(2).fill({ healthy: false, checks: { database: 'no answer within 2000 ms' } }));
    expect(hanging).toHaveBeenCalledTimes(1);
    jest.useRealTimers();
  });
});
