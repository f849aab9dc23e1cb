export { aMessage } from './a.message';
export { aPerson, aSnapshot } from './a.snapshot';
export { startTestApp, testApp, type Override, type TestApp, type TestAppOptions } from './test.app';
export { TestClock } from './test.clock';
export { serviceDatabase, type ServiceDatabase } from './test.database';
