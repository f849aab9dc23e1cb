import { SetupError } from '../setup.error';
import { argumentsOf } from './command';

const usage = 'npm run make -- --topic <name>';
const options = { topic: { type: 'string' }, seed: { type: 'string', default: '1' } } as const;

it.each(['--help', '-h'])('prints the usage for %s, and nothing is to be done', (asked) => {
  const written = jest.spyOn(process.stdout, 'write').mockReturnValue(true);
  expect(argumentsOf(usage, options, ['republish', asked])).toBeNull();
  expect(written.mock.calls).toEqual([[`${usage}\n`]]);
  written.mockRestore();
});

it('says what is wrong with an option, and the usage, without a stack', () => {
  expect(() => argumentsOf(usage, options, ['--topik', 'x'])).toThrow(SetupError);
  expect(() => argumentsOf(usage, options, ['--topik', 'x'])).toThrow(/--topik[^]*npm run make -- --topic <name>$/);
});

it('gives what was asked for, with what is left out', () => {
  expect(argumentsOf(usage, options, ['republish', '--topic', 't'])).toMatchObject({
    ...{ positionals: ['republish'], values: { topic: 't', seed: '1' } },
  });
});
