/** Stops what the global setup has started. */
export default async function tearDown(): Promise<void> {
  await globalThis.landfallTestServers?.stop();
}
