import { isAtLeast, readable } from './log-line';

const now = new Date(2026, 10, 22, 12, 0, 1);

describe('a readable log line', () => {
  it('takes a line of pino apart: time, process, message, and the fields that say something', () => {
    const line = JSON.stringify({
      level: 'info',
      time: now.toISOString(),
      service: 'gateway',
      pid: 7,
      host: 'h',
      msg: 'stored a webhook',
      operationId: 'o-1',
      partitions: [1, 2],
    });
    expect(readable('gateway', line, now)).toEqual({
      level: 'info',
      text: '12:00:01 gateway       stored a webhook  operationId=o-1  partitions=[1,2]',
    });
  });

  it('marks what is a warning or worse, by word and by number', () => {
    expect(readable('kafka', '{"level":"warn","msg":"slow"}', now)).toEqual({ level: 'warn', text: '12:00:01 kafka         WARN slow' });
    expect(readable('kafka', '{"level":50,"msg":"broken"}', now)).toMatchObject({
      level: 'error',
      text: expect.stringContaining('ERROR broken'),
    });
  });

  it('puts the stack of an error below the line', () => {
    const { text } = readable(
      'gateway',
      JSON.stringify({ level: 'error', msg: 'no', err: { type: 'Error', message: 'x', stack: 'Error: x\nat y' } }),
      now,
    );
    expect(text.split('\n').slice(1)).toEqual(['    Error: x', '    at y']);
  });

  it.each(['plain words', '{"broken', '{}x'])('leaves other text as it is: %s', (line) => {
    expect(readable('postgres', line, now)).toEqual({ level: 'info', text: `12:00:01 postgres      ${line}` });
  });

  it('orders the levels', () => {
    expect([isAtLeast('warn', 'info'), isAtLeast('info', 'info'), isAtLeast('debug', 'info')]).toEqual([true, true, false]);
  });
});
