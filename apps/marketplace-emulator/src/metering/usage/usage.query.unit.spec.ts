import { isQueryProblem, readUsageQuery } from './usage.query';

const read = (query: string) => {
  const parameters = new Map([...new URLSearchParams(query)].map(([name, value]) => [name.toLowerCase(), value]));
  return readUsageQuery({ get: (name) => parameters.get(name.toLowerCase()) ?? null }, '2024-03-15');
};

it('takes dates and date-times, with an end or until today', () => {
  expect(read('usageStartDate=2024-01-18')).toMatchObject({ from: '2024-01-18', to: '2024-03-15' });
  expect(read('usageStartDate=2024-01-18T23:30:00Z&UsageEndDate=2024-01-20')).toMatchObject({ from: '2024-01-18', to: '2024-01-20' });
  expect(read('USAGESTARTDATE=2024-01-18&usageEndDate=2024-01-18')).toMatchObject({ from: '2024-01-18', to: '2024-01-18' });
});

it('takes a start in the future for a range that is empty, as nothing was reported there', () => {
  expect(read('usageStartDate=2030-01-01')).toMatchObject({ from: '2030-01-01', to: '2024-03-15' });
});

it('takes filters, and leaves an empty one out', () => {
  expect(
    read(
      'usageStartDate=2024-01-18&offerId=o&planId=p&dimension=d&azureSubscriptionId=55555555-5555-4555-8555-AAAAAAAAAAAA&reconStatus=dryrun',
    ),
  ).toMatchObject({
    offerId: 'o',
    planId: 'p',
    dimension: 'd',
    azureSubscriptionId: '55555555-5555-4555-8555-aaaaaaaaaaaa',
    reconStatus: 'DryRun',
  });
  expect(read('usageStartDate=2024-01-18&offerId=&reconStatus=')).toMatchObject({ offerId: undefined, reconStatus: undefined });
});

it.each([
  ['usageStartDate', ''],
  ['usageStartDate', 'usageStartDate='],
  ['usageStartDate', 'usageStartDate=18.1.2024'],
  ['usageStartDate', 'usageStartDate=2024-02-30'],
  ['UsageEndDate', 'usageStartDate=2024-01-18&UsageEndDate=now'],
  ['UsageEndDate', 'usageStartDate=2024-01-18&UsageEndDate=2024-01-17'],
  ['reconStatus', 'usageStartDate=2024-01-18&reconStatus=Done'],
  ['azureSubscriptionId', 'usageStartDate=2024-01-18&azureSubscriptionId=mine'],
])('names %s as what is wrong in %p', (target, query) => {
  const problem = read(query);
  expect(isQueryProblem(problem)).toBe(true);
  expect(problem).toMatchObject({ target });
});
