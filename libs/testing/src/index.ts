export { aMessage } from './a.message';
export { aPerson, aSnapshot } from './a.snapshot';
export { startTestApp, testApp, type Override, type TestApp, type TestAppOptions, type TestCopy } from './test.app';
export { until } from '@landfall/local';
export { columnsWith, plantInMessages } from './personal.data';
export { manyMore, scraped } from './scrape';
